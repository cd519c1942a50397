import { concat } from "../bytes/bytes.ts";

/** What someone hostile, or a decoder's careless caller, makes of a byte string. */

/** Each proper prefix of `bytes`, from the empty one on. */
export function* truncations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length++) yield bytes.slice(0, length);
}

/** For each byte of `bytes`, a copy with one of its bits changed. */
export function* alterations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) {
    const altered = bytes.slice();
    altered[i] = (altered[i] ?? 0) ^ (1 << (i % 8));
    yield altered;
  }
}

/** The same bytes as a view into the middle of a larger buffer, between other bytes. */
export function inside(bytes: Uint8Array): Uint8Array {
  const noise = new Uint8Array(5).fill(0xee);
  return concat(noise, bytes, noise).subarray(5, 5 + bytes.length);
}
