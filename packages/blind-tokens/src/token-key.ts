import {
  bytesToBase64Url,
  bytesToHex,
  concat,
  hexToBytes,
  type IssuerKey,
  MODULUS_LENGTH,
} from "@tabor/onion-core";
import { sha256 } from "./token-challenge.ts";

/** An issuer's public key: RSA of 2048 bits with e = 65537. */
export interface TokenKey {
  /** SHA-256 of the key's SubjectPublicKeyInfo (RFC 9578 §6.5), 32 bytes: what tokens name it by. */
  readonly id: Uint8Array;
  /** `id` as text, to look keys up by. */
  readonly name: string;
  /** For WebCrypto: RSA-PSS with SHA-384. */
  readonly verifier: CryptoKey;
}

export const TOKEN_KEY_ID_LENGTH = 32;
/** Bytes of a token's signature, and of what is signed blindly for it. */
export const BLINDED_LENGTH = MODULUS_LENGTH;

/** RFC 9578 §6.5: id-RSASSA-PSS with SHA-384, MGF1 of SHA-384 and a salt of 48 bytes. DER, up to the modulus and after it. */
const SPKI_PREFIX = hexToBytes(
  "30820152303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f70d010108" +
    "300b0609608648016503040202a2030201300382010f003082010a0282010100",
);
const SPKI_SUFFIX = hexToBytes("0203010001");

/** SHA-256 of a key's SubjectPublicKeyInfo. @param modulus 256 bytes. */
export function tokenKeyId({ modulus }: Pick<IssuerKey, "modulus">): Promise<Uint8Array<ArrayBuffer>> {
  return sha256(concat(SPKI_PREFIX, modulus, SPKI_SUFFIX));
}

/** @param key of a consensus that was verified. */
export async function importTokenKey(key: Pick<IssuerKey, "modulus">): Promise<TokenKey> {
  const id = await tokenKeyId(key);
  return { id, name: bytesToHex(id), verifier: await importVerifier(key.modulus) };
}

function importVerifier(modulus: Uint8Array): Promise<CryptoKey> {
  const jwk = { kty: "RSA", n: bytesToBase64Url(modulus), e: "AQAB", ext: true };
  // WebCrypto reads no keys of the type id-RSASSA-PSS; exportable, because the blinding library reads the modulus from it.
  return crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
}
