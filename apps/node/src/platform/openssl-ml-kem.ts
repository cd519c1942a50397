import * as nodeCrypto from "node:crypto";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { kemRefused, refusingKem, type Kem, type KemKeyPair } from "@tabor/onion-core";

/** What Node has from 24.7 on, with OpenSSL 3.5; not in the types of the oldest Node that we run on. */
interface OpensslMlKem {
  generateKeyPairSync(type: "ml-kem-768"): { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  encapsulate(key: KeyObject): { readonly sharedKey: Uint8Array; readonly ciphertext: Uint8Array };
  decapsulate(key: KeyObject, ciphertext: Uint8Array): Uint8Array;
}

/** RFC 9935: what precedes a seed of 64 bytes in PKCS #8. */
const PKCS8_PREFIX = Buffer.from("3054020100300b060960864801650304040204428040", "hex");
const SEED_LENGTH = 64;
const ML_KEM_JWK = { kty: "AKP", alg: "ML-KEM-768" } as const;

const openssl = nodeCrypto as unknown as OpensslMlKem;

/** ML-KEM-768 by the OpenSSL that Node carries: it refuses wrong lengths, and keys that fail the check of FIPS 203 §7.2. */
export const opensslMlKem: Kem = {
  generateKeyPair() {
    const { privateKey, publicKey } = openssl.generateKeyPairSync("ml-kem-768");
    return keyPair(privateKey, publicKey);
  },
  importKeyPair(seed) {
    if (seed.length !== SEED_LENGTH) throw kemRefused();
    const pkcs8 = Buffer.concat([PKCS8_PREFIX, seed]);
    const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    pkcs8.fill(0);
    return keyPair(privateKey, createPublicKey(privateKey));
  },
  encapsulate: (publicKey) =>
    refusingKem(() => {
      const key = { ...ML_KEM_JWK, pub: Buffer.from(publicKey).toString("base64url") };
      const { ciphertext, sharedKey } = openssl.encapsulate(createPublicKey({ key, format: "jwk" }));
      return { ciphertext: Uint8Array.from(ciphertext), secret: Uint8Array.from(sharedKey) };
    }),
};

/** Whether it can be used. A pair tells: Node may have the functions and be linked with an older OpenSSL. */
export function opensslHasMlKem(): boolean {
  try {
    openssl.generateKeyPairSync("ml-kem-768");
    return "encapsulate" in nodeCrypto;
  } catch {
    return false;
  }
}

function keyPair(privateKey: KeyObject, publicKey: KeyObject): KemKeyPair {
  const { pub } = publicKey.export({ format: "jwk" });
  if (typeof pub !== "string") throw kemRefused();
  return {
    publicKey: Uint8Array.from(Buffer.from(pub, "base64url")),
    decapsulate: (ciphertext) =>
      refusingKem(() => Uint8Array.from(openssl.decapsulate(privateKey, ciphertext))),
  };
}
