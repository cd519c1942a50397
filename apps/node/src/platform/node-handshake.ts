import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { TaborError, type DhKeyPair, type HandshakeCrypto } from "@tabor/onion-core";

const KEY_LENGTH = 32;

/** RFC 8410: what precedes the 32 bytes of an X25519 key in PKCS #8 and in SubjectPublicKeyInfo. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/**
 * ntor-v3's primitives by `node:crypto` (SPEC §5.1). Results are immediate: WebCrypto takes each of the ten steps of a hop
 * through Node's thread pool, which costs more than the step.
 */
export const nodeHandshake: HandshakeCrypto = {
  generateKeyPair() {
    const { privateKey, publicKey } = generateKeyPairSync("x25519");
    const spki = publicKey.export({ format: "der", type: "spki" });
    return keyPair(privateKey, Uint8Array.from(spki.subarray(SPKI_PREFIX.length)));
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
    const spki = Buffer.concat([SPKI_PREFIX, other]);
    return diffieHellman({
      privateKey,
      publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
    });
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
