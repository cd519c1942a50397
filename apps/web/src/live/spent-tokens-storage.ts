import type { SpentToken, SpentTokens } from "@tabor/blind-tokens";
import { opened, using } from "./database.ts";

const DATABASE = "tabor-spent-tokens";
const STORE = "tokens";

/**
 * What was spent at this browser's relay (SPEC §9.7), in IndexedDB, by the time when it is over; what is over at `now` is deleted.
 * @throws what the database says.
 */
export async function keptSpentTokens(databases: IDBFactory, now: number): Promise<SpentTokens> {
  const open = (): Promise<IDBDatabase> => opened(databases, DATABASE, [STORE]);
  const writing = { store: STORE, mode: "readwrite" } as const;
  // After all keys that begin with this time, since arrays come after numbers and text.
  await using(open, writing, (store) => store.delete(IDBKeyRange.upperBound([now, []])));
  const kept = await using(open, { store: STORE, mode: "readonly" }, (store) => store.getAllKeys());
  return {
    before: kept.flatMap((key) => readToken(key) ?? []),
    keep: async ({ key, until, nonce }) => {
      await using(open, writing, (store) => store.put(true, [until, key, nonce]));
    },
  };
}

function readToken(stored: IDBValidKey): SpentToken | undefined {
  if (!Array.isArray(stored)) return undefined;
  const [until, key, nonce] = stored;
  const isToken = typeof until === "number" && typeof key === "string" && typeof nonce === "string";
  return isToken ? { until, key, nonce } : undefined;
}
