import {
  generateKeptDhKeyPair,
  generateKeptSigningKey,
  keptDhKeyPair,
  keptSigningKey,
  type KeptKeyPair,
  type Log,
  type SigningKey,
  type WebDhKeyPair,
} from "@tabor/onion-core";
import type { VolunteerDatabase } from "./volunteer-database.ts";

export interface RelayKeys {
  readonly identity: SigningKey;
  readonly ntorKeys: WebDhKeyPair;
  readonly signalKeys: WebDhKeyPair;
  /** Whether they are there again the next time. */
  readonly isKept: boolean;
}

const NAMES = ["identity", "ntor", "signal"] as const;
type Kept = Readonly<Record<(typeof NAMES)[number], KeptKeyPair>>;

/** The keys of this browser's relay: those that were kept, so that it is the same relay again, or fresh ones. */
export async function relayKeys(database: VolunteerDatabase, log: Log): Promise<RelayKeys> {
  const { isKept, ...kept } = await keptKeys(database).catch(async () => {
    log.info("the relay's keys can't be kept here: it will be another relay the next time");
    return { ...(await freshKeys()), isKept: false };
  });
  return {
    isKept,
    identity: keptSigningKey(kept.identity),
    ntorKeys: keptDhKeyPair(kept.ntor),
    signalKeys: keptDhKeyPair(kept.signal),
  };
}

/** @throws what the database says. What it holds is then left as it is. */
async function keptKeys(database: VolunteerDatabase): Promise<Kept & { readonly isKept: true }> {
  const stored = await database.get("keys");
  if (areKeys(stored)) return { ...stored, isKept: true };
  const keys = await freshKeys();
  await database.put("keys", keys);
  return { ...keys, isKept: true };
}

async function freshKeys(): Promise<Kept> {
  const [identity, ntor, signal] = await Promise.all([
    generateKeptSigningKey(),
    generateKeptDhKeyPair(),
    generateKeptDhKeyPair(),
  ]);
  return { identity, ntor, signal };
}

function areKeys(stored: unknown): stored is Kept {
  const keys = (stored ?? {}) as Partial<Record<string, Partial<KeptKeyPair>>>;
  return NAMES.every((name) => {
    const { privateKey, publicKey } = keys[name] ?? {};
    return privateKey instanceof CryptoKey && publicKey instanceof Uint8Array && publicKey.length === 32;
  });
}
