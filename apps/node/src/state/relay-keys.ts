import { join } from "node:path";
import {
  exportDhPrivateKey,
  generateDhKeyPair,
  generateSigningKey,
  importDhKeyPair,
  importSigningKey,
  TaborError,
  verifySignature,
  type DhKeyPair,
  type WebDhKeyPair,
  type SigningKey,
} from "@tabor/onion-core";
import { nodeHandshake } from "../platform/node-handshake.ts";
import { keptKeyPair } from "./key-file.ts";

/** The keys that a relay keeps for as long as it is this relay (SPEC §1.2). */
export interface RelayKeys {
  readonly identity: SigningKey;
  readonly ntorKeys: DhKeyPair;
  /** For HPKE, which works on WebCrypto. */
  readonly signalKeys: WebDhKeyPair;
}

/** Fresh keys, for a relay that is to be forgotten when it ends. */
export async function freshRelayKeys(): Promise<RelayKeys> {
  const { key } = await generateSigningKey();
  const ntorKeys = await nodeHandshake.generateKeyPair();
  return { identity: key, ntorKeys, signalKeys: await generateDhKeyPair() };
}

/** The keys in a folder; made there the first time. @throws malformed if a file holds something else. */
export async function keptRelayKeys(folder: string): Promise<RelayKeys> {
  return {
    identity: await keptIdentity(join(folder, "identity.key")),
    ntorKeys: await keptDhKeys(join(folder, "ntor.key"), (...keys) => nodeHandshake.importKeyPair(...keys)),
    signalKeys: await keptDhKeys(join(folder, "signal.key"), importDhKeyPair),
  };
}

/** A member's key in a file (SPEC §9.6); made there the first time. @throws malformed if the file holds something else. */
export function keptMemberKey(folder: string): Promise<SigningKey> {
  return keptIdentity(join(folder, "member.key"));
}

/** A host's authority key (SPEC §9.8), in the file where its directory looks for it; made there the first time. */
export function keptAuthorityKey(folder: string): Promise<SigningKey> {
  return keptIdentity(join(folder, "authority.key"));
}

async function keptIdentity(path: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await keptKeyPair(path, async () => {
    const { key, seed } = await generateSigningKey();
    return { privateKey: seed, publicKey: key.publicKey };
  });
  const key = await importSigningKey(privateKey, publicKey);
  privateKey.fill(0);
  const message = new Uint8Array(0);
  if (await verifySignature(publicKey, await key.sign(message), message)) return key;
  throw new TaborError("malformed", "here", `${path} holds two keys that do not belong together`);
}

async function keptDhKeys<Pair>(
  path: string,
  importPair: (privateKey: Uint8Array, publicKey: Uint8Array) => Pair | Promise<Pair>,
): Promise<Pair> {
  const { privateKey, publicKey } = await keptKeyPair(path, async () => {
    const pair = await generateDhKeyPair();
    return { privateKey: await exportDhPrivateKey(pair), publicKey: pair.publicKey };
  });
  const pair = await importPair(privateKey, publicKey);
  privateKey.fill(0);
  return pair;
}
