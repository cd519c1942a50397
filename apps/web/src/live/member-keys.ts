import { generateKeptSigningKey, keptSigningKey, type KeptKeyPair, type Log } from "@tabor/onion-core";
import type { MemberKeys, OwnMemberKey } from "../membership/membership-desk.ts";
import { opened, using } from "./database.ts";

const DATABASE = "tabor-member";
const STORE = "member";
const KEY = "key";

interface Kept extends KeptKeyPair {
  readonly wasMember: boolean;
}

/** The member key in IndexedDB, where its private half is used and cannot be read; tabs of one browser share it. */
export function memberKeys(databases: IDBFactory, log: Log): MemberKeys {
  const open = (): Promise<IDBDatabase> => opened(databases, DATABASE, [STORE]);
  const get = (): Promise<unknown> =>
    using<unknown>(open, { store: STORE, mode: "readonly" }, (store) => store.get(KEY)).catch(
      () => undefined,
    );
  const write = (put: (store: IDBObjectStore) => IDBRequest<IDBValidKey>): Promise<IDBValidKey> =>
    using(open, { store: STORE, mode: "readwrite" }, put);
  /** Where nothing can be kept. */
  let unkept: Kept | undefined;

  const load = async (): Promise<OwnMemberKey | undefined> => {
    const kept = unkept ?? readKept(await get());
    if (kept === undefined) return undefined;
    return { key: keptSigningKey(kept), wasMember: kept.wasMember, isKept: unkept === undefined };
  };
  return {
    load,
    make: async () => {
      const known = await load();
      if (known !== undefined) return known;
      const fresh = { ...(await generateKeptSigningKey()), wasMember: false };
      // Another tab may have made one meanwhile: the first stays.
      await write((store) => store.add(fresh, KEY)).catch(() => undefined);
      if (readKept(await get()) === undefined) {
        log.info("the member key can't be kept here: it lasts as long as this tab");
        unkept = fresh;
      }
      return (await load()) ?? { key: keptSigningKey(fresh), wasMember: false, isKept: false };
    },
    noteMember: async () => {
      const kept = unkept ?? readKept(await get());
      if (kept === undefined || kept.wasMember) return;
      const noted = { ...kept, wasMember: true };
      if (unkept === undefined) await write((store) => store.put(noted, KEY)).catch(() => undefined);
      else unkept = noted;
    },
  };
}

function readKept(stored: unknown): Kept | undefined {
  const { privateKey, publicKey, wasMember } = (stored ?? {}) as Partial<Kept>;
  const isKey = privateKey instanceof CryptoKey && publicKey instanceof Uint8Array && publicKey.length === 32;
  return isKey ? { privateKey, publicKey, wasMember: wasMember === true } : undefined;
}
