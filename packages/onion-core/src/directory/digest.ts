import { sha256 } from "@noble/hashes/sha2.js";
import { subtle } from "../crypto/subtle.ts";

/** Of a SHA-256, in bytes. */
export const DIGEST_LENGTH = 32;

const descriptorDigests = new WeakMap<Uint8Array, Uint8Array>();

/** SHA-256 of a descriptor, by which votes name it (SPEC §8.4). 32 bytes; worked out once. */
export function descriptorDigest(descriptorBytes: Uint8Array): Uint8Array {
  const known = descriptorDigests.get(descriptorBytes);
  if (known !== undefined) return known;
  const digest = sha256(descriptorBytes);
  descriptorDigests.set(descriptorBytes, digest);
  return digest;
}

/** SHA-256 of a document of any length. 32 bytes. */
export async function documentDigest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle.digest("SHA-256", bytes));
}
