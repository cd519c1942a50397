import { createCipheriv, createDecipheriv } from "node:crypto";
import { TaborError } from "../errors.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import type { Aead } from "../ports/aead.ts";
import type { Primitives } from "../ports/primitives.ts";

const TAG_LENGTH = 16;

/** AES-256-GCM whose results are immediate, as a Node peer's are: the other way through every pipeline. */
export const nodeAead: Aead = {
  importKey: (bytes) => {
    if (bytes.length !== 32) throw new TaborError("usage", "here", "an AES-256 key has 32 bytes");
    const key = bytes.slice();
    return {
      seal: (nonce, plaintext, into) => {
        const cipher = createCipheriv("aes-256-gcm", key, nonce);
        const sealed = room(plaintext.length + TAG_LENGTH, into);
        sealed.set(cipher.update(plaintext));
        cipher.final();
        sealed.set(cipher.getAuthTag(), plaintext.length);
        return sealed;
      },
      open: (nonce, sealed, into) => {
        const length = sealed.length - TAG_LENGTH;
        if (length < 0) return null;
        const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_LENGTH });
        decipher.setAuthTag(sealed.subarray(length));
        const plaintext = room(length, into);
        plaintext.set(decipher.update(sealed.subarray(0, length)));
        try {
          decipher.final();
          return plaintext;
        } catch {
          return null;
        }
      },
    };
  },
};

function room(length: number, into: Uint8Array | undefined): Uint8Array {
  if (into !== undefined && into.length !== length)
    throw new TaborError("usage", "here", "the room for a result has not its length");
  return into ?? new Uint8Array(length);
}

export const nodePrimitives: Primitives = { aead: nodeAead, handshake: webHandshake };
