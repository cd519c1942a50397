import { subtle } from "./subtle.ts";
import { TaborError } from "../errors.ts";
import type { Aead, AeadKey } from "../ports/aead.ts";

/** AES-256-GCM by WebCrypto, the implementation that every platform has (W3C WebCrypto §29, tags of 128 bits). */
export const webAead: Aead = {
  async importKey(key) {
    // WebCrypto would take 16 bytes for an AES-128 key.
    if (key.length !== 32) throw new TaborError("usage", "here", "an AES-256 key has 32 bytes");
    return aeadKey(await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]));
  },
};

function aeadKey(key: CryptoKey): AeadKey {
  return {
    seal: async (nonce, plaintext) =>
      new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, plaintext)),
    open: (nonce, sealed) =>
      subtle
        .decrypt({ name: "AES-GCM", iv: nonce }, key, sealed)
        .then((plaintext) => new Uint8Array(plaintext), nullIfRefused),
  };
}

/** WebCrypto tells a tag that does not match by an `OperationError`; anything else is a fault of ours. */
function nullIfRefused(thrown: unknown): null {
  if (thrown instanceof Error && thrown.name === "OperationError") return null;
  throw thrown;
}
