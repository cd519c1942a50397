import { opened, using } from "./database.ts";

const DATABASE = "tabor-volunteer";
const STORE = "volunteer";

type Key = "settings" | "totals" | "keys";

/** What a volunteering browser keeps. @throws what the database says; some private windows have none. */
export function volunteerDatabase(databases: IDBFactory): {
  readonly get: (key: Key) => Promise<unknown>;
  readonly put: (key: Key, value: unknown) => Promise<void>;
} {
  const open = (): Promise<IDBDatabase> => opened(databases, DATABASE, [STORE]);
  return {
    get: (key) => using<unknown>(open, { store: STORE, mode: "readonly" }, (store) => store.get(key)),
    put: async (key, value) => {
      await using(open, { store: STORE, mode: "readwrite" }, (store) => store.put(value, key));
    },
  };
}

export type VolunteerDatabase = ReturnType<typeof volunteerDatabase>;
