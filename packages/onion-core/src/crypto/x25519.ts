import { subtle } from "./subtle.ts";
import type { KeptKeyPair } from "./ed25519.ts";
import { concat, hexToBytes } from "../bytes/bytes.ts";
import { TaborError } from "../errors.ts";
import type { DhKeyPair } from "../ports/primitives.ts";

export const X25519_LENGTH = 32;

/** RFC 8410: what precedes a 32-byte X25519 key in PKCS #8, the one private format that WebCrypto imports. */
const PKCS8_PREFIX = hexToBytes("302e020100300506032b656e04220420");

/** An X25519 key pair whose private key stays inside WebCrypto. */
export interface WebDhKeyPair extends DhKeyPair {
  readonly privateKey: CryptoKey;
}

/** @param privateKey 32 bytes; the caller wipes them. */
export async function importDhKeyPair(privateKey: Uint8Array, publicKey: Uint8Array): Promise<WebDhKeyPair> {
  const pkcs8 = concat(PKCS8_PREFIX, privateKey);
  return keyPair(await subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]), publicKey);
}

/** A fresh pair. */
export async function generateDhKeyPair(): Promise<WebDhKeyPair> {
  const pair = await subtle.generateKey("X25519", true, ["deriveBits"]);
  return keyPair(pair.privateKey, new Uint8Array(await subtle.exportKey("raw", pair.publicKey)));
}

/** A fresh pair whose private key can't be read, by us neither; browsers keep such keys in IndexedDB. */
export async function generateKeptDhKeyPair(): Promise<KeptKeyPair> {
  const { privateKey, publicKey } = await subtle.generateKey("X25519", false, ["deriveBits"]);
  return { privateKey, publicKey: new Uint8Array(await subtle.exportKey("raw", publicKey)) };
}

/** The pair that was kept. */
export function keptDhKeyPair({ privateKey, publicKey }: KeptKeyPair): WebDhKeyPair {
  return keyPair(privateKey, publicKey);
}

/** The private key of a pair from `generateDhKeyPair`, 32 bytes, for whoever must keep it. */
export async function exportDhPrivateKey(pair: WebDhKeyPair): Promise<Uint8Array> {
  const pkcs8 = new Uint8Array(await subtle.exportKey("pkcs8", pair.privateKey));
  return pkcs8.slice(PKCS8_PREFIX.length);
}

function keyPair(privateKey: CryptoKey, publicKey: Uint8Array): WebDhKeyPair {
  return { publicKey, privateKey, agree: (other) => diffieHellman(privateKey, other) };
}

/** WebCrypto throws for an all-zero result too, but not in every version. */
async function diffieHellman(privateKey: CryptoKey, publicKey: Uint8Array): Promise<Uint8Array> {
  const secret = await derive(privateKey, publicKey);
  if (secret.every((byte) => byte === 0)) throw refused();
  return secret;
}

async function derive(privateKey: CryptoKey, publicKey: Uint8Array): Promise<Uint8Array> {
  try {
    const key = await subtle.importKey("raw", publicKey, "X25519", false, []);
    return new Uint8Array(await subtle.deriveBits({ name: "X25519", public: key }, privateKey, 256));
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause?: unknown): TaborError {
  return new TaborError("not-authentic", "link", "X25519 public key refused", { cause });
}
