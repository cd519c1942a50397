import type { GuardStore } from "@tabor/onion-core";
import { opened, using } from "./database.ts";

const DATABASE = "tabor";
const STORE = "guards";
const KEY = "guards";

/**
 * The guards in IndexedDB, the one thing of a session that is kept (SPEC §10.3); tabs of one browser share them. Where storage is
 * refused, as in some private windows, it fails, and the guards last as long as the tab.
 */
export function guardStorage(databases: IDBFactory): GuardStore {
  const open = (): Promise<IDBDatabase> => opened(databases, DATABASE, [STORE]);
  return {
    load: async () => {
      const stored = await using<unknown>(open, { store: STORE, mode: "readonly" }, (store) =>
        store.get(KEY),
      );
      return typeof stored === "string" ? stored : undefined;
    },
    save: async (text) => {
      await using(open, { store: STORE, mode: "readwrite" }, (store) => store.put(text, KEY));
    },
  };
}
