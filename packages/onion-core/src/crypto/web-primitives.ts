import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { subtle } from "./subtle.ts";
import { webAead } from "./web-aead.ts";
import { webMlKem } from "./web-ml-kem.ts";
import { generateDhKeyPair, importDhKeyPair } from "./x25519.ts";
import type { HandshakeCrypto, Primitives } from "../ports/primitives.ts";

/** The handshake's primitives by WebCrypto, and by noble's libraries what that does not have. */
export const webHandshake: HandshakeCrypto = {
  generateKeyPair: generateDhKeyPair,
  importKeyPair: importDhKeyPair,
  async applyKeyStream(key, message) {
    const cipher = await subtle.importKey("raw", key, "AES-CTR", false, ["encrypt"]);
    const algorithm = { name: "AES-CTR", counter: new Uint8Array(16), length: 128 };
    return new Uint8Array(await subtle.encrypt(algorithm, cipher, message));
  },
  sha3: sha3_256,
  shake: (input, dkLen) => shake256(input, { dkLen }),
  /** Asked for when it is used: Node warns of the question itself. */
  get kem() {
    return webMlKem();
  },
};

/** Every primitive by WebCrypto, which every platform has. */
export const webPrimitives: Primitives = { aead: webAead, handshake: webHandshake };
