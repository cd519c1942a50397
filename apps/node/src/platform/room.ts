import { TaborError } from "@tabor/onion-core";

/**
 * Where a result of `length` bytes goes: `into`, or a buffer of its own.
 * @throws usage if it does not fit: native code would write past the end.
 */
export function room(length: number, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined) return new Uint8Array(length);
  if (into.length !== length)
    throw new TaborError("usage", "here", "the room for a result has not its length");
  return into;
}
