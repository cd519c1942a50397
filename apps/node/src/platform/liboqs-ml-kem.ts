import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { createMLKEM768 } from "@oqs/liboqs-js/kem";
import { refusingKem, type Kem, type KemKeyPair } from "@tabor/onion-core";

/**
 * ML-KEM-768 by liboqs in WebAssembly: it refuses wrong lengths, and keys that fail the check of FIPS 203 §7.2. It makes no
 * pairs from seeds; the other library does.
 */
export async function liboqsMlKem(): Promise<Kem> {
  const kem = await createMLKEM768();
  const keyPair = (keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }): KemKeyPair => ({
    publicKey: keys.publicKey,
    decapsulate: (ciphertext) => refusingKem(() => kem.decapsulate(ciphertext, keys.secretKey)),
  });
  return {
    generateKeyPair: () => keyPair(kem.generateKeyPair()),
    importKeyPair: (seed) => keyPair(refusingKem(() => ml_kem768.keygen(seed))),
    encapsulate: (publicKey) =>
      refusingKem(() => {
        const { ciphertext, sharedSecret } = kem.encapsulate(publicKey);
        return { ciphertext, secret: sharedSecret };
      }),
  };
}
