/** `n u32 | digest (32) × n`, and what answers it: `n u32 | bytes16 descriptor × n` (SPEC §8.6). */
import { DIGEST_LENGTH, Reader, TaborError, Writer } from "@tabor/onion-core";
import { MAX_DESCRIPTORS } from "./paths.ts";

/** @throws usage for too many. */
export function encodeDigests(digests: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (digests.length > MAX_DESCRIPTORS) throw new TaborError("usage", "here", "too many descriptors");
  const writer = new Writer(4 + digests.length * DIGEST_LENGTH).u32(digests.length);
  for (const digest of digests) writer.bytes(digest);
  return writer.finish();
}

/** @throws malformed. */
export function decodeDigests(bytes: Uint8Array): readonly Uint8Array[] {
  const reader = new Reader(bytes, "list of digests");
  const digests: Uint8Array[] = [];
  for (let n = countIn(reader); n > 0; n--) digests.push(reader.bytes(DIGEST_LENGTH).slice());
  reader.finish();
  return digests;
}

export function encodeDescriptors(descriptors: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer().u32(descriptors.length);
  for (const descriptor of descriptors) writer.bytes16(descriptor);
  return writer.finish();
}

/** @throws malformed. */
export function decodeDescriptors(bytes: Uint8Array): readonly Uint8Array[] {
  const reader = new Reader(bytes, "list of descriptors");
  const descriptors: Uint8Array[] = [];
  for (let n = countIn(reader); n > 0; n--) descriptors.push(reader.bytes16().slice());
  reader.finish();
  return descriptors;
}

function countIn(reader: Reader): number {
  const count = reader.u32();
  if (count > MAX_DESCRIPTORS) throw reader.malformed("more than is asked for at once");
  return count;
}
