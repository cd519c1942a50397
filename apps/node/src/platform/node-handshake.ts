import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { TaborError, type DhKeyPair, type HandshakeCrypto } from "@tabor/onion-core";
import { nodeMlKem } from "./node-ml-kem.ts";

const KEY_LENGTH = 32;

/** RFC 8410: what precedes the 32 bytes of an X25519 private key in PKCS #8, which unlike a JWK can be wiped. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
/** RFC 8037 §2. Public keys come and go as JWK: OpenSSL takes a quarter of a millisecond to read or write one as DER. */
const X25519_JWK = { kty: "OKP", crv: "X25519" } as const;

/**
 * The handshake's primitives by `node:crypto` (SPEC §5). Results are immediate: WebCrypto takes each of the ten steps of a hop
 * through Node's thread pool, which costs more than the step.
 */
export const nodeHandshake: HandshakeCrypto = {
  generateKeyPair() {
    const { privateKey, publicKey } = generateKeyPairSync("x25519");
    const { x = "" } = publicKey.export({ format: "jwk" });
    return keyPair(privateKey, Uint8Array.from(Buffer.from(x, "base64url")));
  },
  importKeyPair(privateKey, publicKey) {
    requireKey(privateKey);
    const pkcs8 = Buffer.concat([PKCS8_PREFIX, privateKey]);
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    pkcs8.fill(0);
    return keyPair(key, publicKey);
  },
  applyKeyStream(key, message) {
    return Uint8Array.from(createCipheriv("aes-256-ctr", key, new Uint8Array(16)).update(message));
  },
  sha3: (input) => Uint8Array.from(createHash("sha3-256").update(input).digest()),
  shake: (input, length) =>
    Uint8Array.from(createHash("shake256", { outputLength: length }).update(input).digest()),
  kem: nodeMlKem,
};

function keyPair(privateKey: KeyObject, publicKey: Uint8Array): DhKeyPair {
  return { publicKey, agree: (other) => agree(privateKey, other) };
}

function agree(privateKey: KeyObject, other: Uint8Array): Uint8Array {
  requireKey(other);
  const secret = Uint8Array.from(sharedSecret(privateKey, other));
  if (secret.every((byte) => byte === 0)) throw refused();
  return secret;
}

/** OpenSSL refuses an all-zero result too. */
function sharedSecret(privateKey: KeyObject, other: Uint8Array): Uint8Array {
  try {
    const key = { ...X25519_JWK, x: Buffer.from(other).toString("base64url") };
    return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: "jwk" }) });
  } catch (cause) {
    throw refused(cause);
  }
}

function requireKey(bytes: Uint8Array): void {
  if (bytes.length !== KEY_LENGTH) throw refused();
}

function refused(cause?: unknown): TaborError {
  return new TaborError("not-authentic", "link", "X25519 key refused", { cause });
}
