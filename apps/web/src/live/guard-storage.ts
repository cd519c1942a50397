import { parseRelayId, type GuardStore, type RelayId } from "@tabor/onion-core";

const KEY = "tabor.guards";

/**
 * The guards' names, the one thing of a session that is kept (SPEC §10.1). Where storage is refused or holds nonsense,
 * the list is empty: the client then draws its guards anew.
 */
export function guardStorage(storage: Pick<Storage, "getItem" | "setItem">): GuardStore {
  return {
    load: () => Promise.resolve(read(storage)),
    save: (guards) => {
      try {
        storage.setItem(KEY, JSON.stringify(guards));
      } catch {
        // Private windows may have no storage; the guard then lasts as long as the tab.
      }
      return Promise.resolve();
    },
  };
}

function read(storage: Pick<Storage, "getItem">): readonly RelayId[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.map((name) => parseRelayId(String(name))) : [];
  } catch {
    return [];
  }
}
