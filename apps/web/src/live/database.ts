/** Asks one store of a database; closes it after. @throws what the database says. */
export async function using<T>(
  open: () => Promise<IDBDatabase>,
  { store, mode }: { readonly store: string; readonly mode: IDBTransactionMode },
  use: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await finished(
      use(database.transaction(store, mode, { durability: "strict" }).objectStore(store)),
    );
  } finally {
    database.close();
  }
}

/** @throws what the database says. */
export function opened(databases: IDBFactory, name: string, stores: readonly string[]): Promise<IDBDatabase> {
  const request = databases.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of stores) request.result.createObjectStore(store);
  };
  return finished(request);
}

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
