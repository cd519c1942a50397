/** RSA's private operation on what is already encoded and blinded (RFC 9474 §4.3), by OpenSSL. */
import { constants, generateKeyPair, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { promisify } from "node:util";
import { base64UrlToBytes, TaborError } from "@tabor/onion-core";

export interface BlindSigner {
  /** RSA's n, 256 bytes; e is 65537. */
  readonly modulus: Uint8Array;
  /** @param blinded 256 bytes, as a number below the modulus. @throws malformed. */
  sign(blinded: Uint8Array): Uint8Array;
}

const MODULUS_BITS = 2048;
const generate = promisify(generateKeyPair);

/** With a fresh key of 2048 bits. */
export async function blindSigner(): Promise<BlindSigner> {
  const { privateKey, publicKey } = await generate("rsa", {
    modulusLength: MODULUS_BITS,
    publicExponent: 65_537,
  });
  return signerOf(privateKey, publicKey);
}

/** @param privateKey an RSA key of 2048 bits, with `publicKey`. */
export function signerOf(privateKey: KeyObject, publicKey: KeyObject): BlindSigner {
  const { n = "" } = publicKey.export({ format: "jwk" });
  const padding = constants.RSA_NO_PADDING;
  const modulus = base64UrlToBytes(n);
  return {
    modulus,
    sign: (blinded) => {
      if (blinded.length !== modulus.length) throw malformed();
      const signature = raw(() => privateDecrypt({ key: privateKey, padding }, blinded));
      // RFC 9474 §4.3, step 4: a signature that went wrong in the processor would tell the key.
      const again = publicEncrypt({ key: publicKey, padding }, signature);
      if (Buffer.compare(again, blinded) !== 0) throw new TaborError("closed", "here", "signing failed");
      return Uint8Array.from(signature);
    },
  };
}

function raw(operation: () => Buffer): Buffer {
  try {
    return operation();
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause?: unknown): TaborError {
  return new TaborError("malformed", "directory", "this is no blinded message", { cause });
}
