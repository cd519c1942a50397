import { kemRefused, mlKem768 } from "./ml-kem-768.ts";
import { subtle } from "./subtle.ts";
import type { Kem, KemKeyPair } from "../ports/primitives.ts";

const ML_KEM = "ML-KEM-768";

/** ML-KEM-768 inside WebCrypto ("Modern Algorithms in the Web Cryptography API"): away from the thread that asks. */
const subtleMlKem: Kem = {
  async generateKeyPair() {
    const pair = await subtle.generateKey(ML_KEM, false, ["encapsulateBits", "decapsulateBits"]);
    return keyPair(pair.privateKey, pair.publicKey);
  },
  importKeyPair: (seed) =>
    refusing(async () => {
      const privateKey = await subtle.importKey("raw-seed", seed, ML_KEM, false, ["decapsulateBits"]);
      return keyPair(privateKey, await subtle.getPublicKey(privateKey, ["encapsulateBits"]));
    }),
  encapsulate: (publicKey) =>
    refusing(async () => {
      const key = await subtle.importKey("raw-public", publicKey, ML_KEM, false, ["encapsulateBits"]);
      const { ciphertext, sharedKey } = await subtle.encapsulateBits(ML_KEM, key);
      return { ciphertext: new Uint8Array(ciphertext), secret: new Uint8Array(sharedKey) };
    }),
};

/** WebCrypto's where it says that it has it (Chromium), else the library's (Firefox, Node 20). */
export function webMlKem(): Kem {
  return hasMlKem() ? subtleMlKem : mlKem768;
}

function hasMlKem(): boolean {
  const methods = subtle.constructor as { supports?(operation: string, algorithm: string): boolean };
  return methods.supports?.("encapsulateBits", ML_KEM) === true;
}

async function keyPair(privateKey: CryptoKey, publicKey: CryptoKey): Promise<KemKeyPair> {
  return {
    publicKey: new Uint8Array(await subtle.exportKey("raw-public", publicKey)),
    decapsulate: (ciphertext) =>
      refusing(async () => new Uint8Array(await subtle.decapsulateBits(ML_KEM, privateKey, ciphertext))),
  };
}

/** WebCrypto refuses wrong lengths and keys that fail the check of FIPS 203 §7.2; the contract says so of every platform. */
async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw kemRefused(cause);
  }
}
