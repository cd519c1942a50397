import { relayId, type RelayId } from "./ids.ts";
import { subtle } from "./subtle.ts";
import { concat, hexToBytes } from "../bytes/bytes.ts";

export const SIGNATURE_LENGTH = 64;

/** RFC 8410: what precedes a 32-byte Ed25519 seed in PKCS #8, the one private format that WebCrypto imports. */
const PKCS8_PREFIX = hexToBytes("302e020100300506032b657004220420");

/** An Ed25519 key that signs. The private key stays inside WebCrypto. */
export interface SigningKey {
  readonly id: RelayId;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** @param seed the 32-byte private key (RFC 8032 §5.1.5); the caller wipes it. @param publicKey its public key. */
export async function importSigningKey(seed: Uint8Array, publicKey: Uint8Array): Promise<SigningKey> {
  const key = await subtle.importKey("pkcs8", concat(PKCS8_PREFIX, seed), "Ed25519", false, ["sign"]);
  return signingKey(key, publicKey);
}

/** A fresh key, and its seed for whoever must keep it. */
export async function generateSigningKey(): Promise<{ key: SigningKey; seed: Uint8Array }> {
  const pair = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const pkcs8 = new Uint8Array(await subtle.exportKey("pkcs8", pair.privateKey));
  return { key: signingKey(pair.privateKey, publicKey), seed: pkcs8.slice(PKCS8_PREFIX.length) };
}

/** A pair of keys of WebCrypto. The private one can't be read, by us neither; browsers keep such keys in IndexedDB. */
export interface KeptKeyPair {
  readonly privateKey: CryptoKey;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A fresh Ed25519 pair. */
export async function generateKeptSigningKey(): Promise<KeptKeyPair> {
  const { privateKey, publicKey } = await subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  return { privateKey, publicKey: new Uint8Array(await subtle.exportKey("raw", publicKey)) };
}

/** The key of a pair that was kept. */
export function keptSigningKey({ privateKey, publicKey }: KeptKeyPair): SigningKey {
  return signingKey(privateKey, publicKey);
}

/** Whether `signature` is `publicKey`'s over `message`; false also for keys and signatures of wrong form. */
export async function verifySignature(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  try {
    const key = await subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false;
  }
}

function signingKey(privateKey: CryptoKey, publicKey: Uint8Array): SigningKey {
  return {
    id: relayId(publicKey),
    publicKey,
    sign: async (message) => new Uint8Array(await subtle.sign("Ed25519", privateKey, message)),
  };
}
