import { subtle } from "./subtle.ts";
import { concat, hexToBytes } from "../bytes/bytes.ts";
import { TaborError } from "../errors.ts";

export const X25519_LENGTH = 32;

/** RFC 8410: what precedes a 32-byte X25519 key in PKCS #8, the one private format that WebCrypto imports. */
const PKCS8_PREFIX = hexToBytes("302e020100300506032b656e04220420");

/** An X25519 key pair. The private key stays inside WebCrypto. */
export interface DhKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: CryptoKey;
}

/** @param privateKey 32 bytes; the caller wipes them. */
export async function importDhKeyPair(privateKey: Uint8Array, publicKey: Uint8Array): Promise<DhKeyPair> {
  const pkcs8 = concat(PKCS8_PREFIX, privateKey);
  return {
    publicKey,
    privateKey: await subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]),
  };
}

/** A fresh pair. */
export async function generateDhKeyPair(): Promise<DhKeyPair> {
  const pair = await subtle.generateKey("X25519", true, ["deriveBits"]);
  const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  return { publicKey, privateKey: pair.privateKey };
}

/** The private key of a pair from `generateDhKeyPair`, 32 bytes, for whoever must keep it. */
export async function exportDhPrivateKey(pair: DhKeyPair): Promise<Uint8Array> {
  const pkcs8 = new Uint8Array(await subtle.exportKey("pkcs8", pair.privateKey));
  return pkcs8.slice(PKCS8_PREFIX.length);
}

/**
 * X25519 (RFC 7748 §6.1). An all-zero result is refused (RFC 7748 §6.1, SPEC §5.1); WebCrypto throws for it too, but
 * not in every version.
 * @throws not-authentic for a public key that gives an all-zero result.
 */
export async function diffieHellman(privateKey: CryptoKey, publicKey: Uint8Array): Promise<Uint8Array> {
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
