import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { TaborError, type Aead, type AeadKey } from "@tabor/onion-core";
import { room } from "./room.ts";

const TAG_LENGTH = 16;
const OPTIONS = { authTagLength: TAG_LENGTH };

/** AES-256-GCM by `node:crypto` (SPEC §4.1), where OpenSSL itself cannot be reached. Results are immediate. */
export const cipherivAead: Aead = {
  importKey(key) {
    if (key.length !== 32) throw new TaborError("usage", "here", "an AES-256 key has 32 bytes");
    const secret = createSecretKey(key);
    const aeadKey: AeadKey = {
      seal: (nonce, plaintext, into) => seal(secret, nonce, plaintext, into),
      open: (nonce, sealed, into) => open(secret, nonce, sealed, into),
    };
    return aeadKey;
  },
};

function seal(
  key: KeyObject,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  into: Uint8Array | undefined,
): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, nonce, OPTIONS);
  const sealed = room(plaintext.length + TAG_LENGTH, into);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

function open(
  key: KeyObject,
  nonce: Uint8Array,
  sealed: Uint8Array,
  into: Uint8Array | undefined,
): Uint8Array | null {
  const length = sealed.length - TAG_LENGTH;
  if (length < 0) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, OPTIONS);
  decipher.setAuthTag(sealed.subarray(length));
  const plaintext = room(length, into);
  plaintext.set(decipher.update(sealed.subarray(0, length)));
  try {
    decipher.final();
    return plaintext;
  } catch {
    // The one thing that `final` does in GCM is to compare the tag.
    plaintext.fill(0);
    return null;
  }
}
