import type { GuardStore } from "@tabor/onion-core";

const DATABASE = "tabor";
const STORE = "guards";
const KEY = "guards";

/**
 * The guards in IndexedDB, the one thing of a session that is kept (SPEC §10.3); tabs of one browser share them. Where storage is
 * refused, as in some private windows, it fails, and the guards last as long as the tab.
 */
export function guardStorage(databases: IDBFactory): GuardStore {
  const using = async <T>(
    mode: IDBTransactionMode,
    use: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> => {
    const database = await opened(databases);
    try {
      return await finished(
        use(database.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE)),
      );
    } finally {
      database.close();
    }
  };
  return {
    load: async () => {
      const stored = await using<unknown>("readonly", (store) => store.get(KEY));
      return typeof stored === "string" ? stored : undefined;
    },
    save: async (text) => {
      await using("readwrite", (store) => store.put(text, KEY));
    },
  };
}

function opened(databases: IDBFactory): Promise<IDBDatabase> {
  const request = databases.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE);
  };
  return finished(request);
}

/** @throws what the database says. */
function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("the database failed"));
    };
  });
}
