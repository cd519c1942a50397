import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { TaborError } from "../errors.ts";
import type { Encapsulation, Kem, KemKeyPair } from "../ports/primitives.ts";

/**
 * ML-KEM-768 by @noble/post-quantum, for platforms without it: results are immediate. JavaScript promises nothing of the time
 * it takes; a handshake's pair decapsulates one authenticated ciphertext, so there is little to learn from it.
 */
export const mlKem768: Kem = {
  generateKeyPair: () => keyPair(),
  importKeyPair: (seed) => keyPair(seed),
  encapsulate: (publicKey) => encapsulateWith(publicKey, undefined),
};

/** @param randomness m of FIPS 203 §6.2, 32 bytes, for known answers; undefined: fresh. */
export function encapsulateWith(publicKey: Uint8Array, randomness: Uint8Array | undefined): Encapsulation {
  const { cipherText, sharedSecret } = refusingKem(() => ml_kem768.encapsulate(publicKey, randomness));
  return { ciphertext: cipherText, secret: sharedSecret };
}

function keyPair(seed?: Uint8Array): KemKeyPair {
  const { publicKey, secretKey } = refusingKem(() => ml_kem768.keygen(seed));
  return {
    publicKey,
    decapsulate: (ciphertext) => refusingKem(() => ml_kem768.decapsulate(ciphertext, secretKey)),
  };
}

/** The library throws for wrong lengths and for keys that fail the check of FIPS 203 §7.2. */
export function refusingKem<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw kemRefused(cause);
  }
}

/** For each input that ML-KEM refuses. */
export function kemRefused(cause?: unknown): TaborError {
  return new TaborError("not-authentic", "link", "ML-KEM-768 input refused", { cause });
}
