import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { slot, type Slot } from "../crypto/slot.ts";
import { TaborError } from "../errors.ts";

/** The extensions that the two sides of a circuit handshake send each other (SPEC §5.2), by type 0…255. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

export const NO_EXTENSIONS: Extensions = new Map();

const SLOT = 16;

/** Both lengths are u8: what the list can be at most. */
const MAX_LENGTH = 1 + 255 * (2 + 255);

/** In increasing order of type, whatever the order in the map. */
export function encodeExtensions(extensions: Extensions): Uint8Array<ArrayBuffer> {
  const ordered = [...extensions].sort(([a], [b]) => a - b);
  const writer = new Writer(MAX_LENGTH).u8(ordered.length);
  for (const [type, body] of ordered) writer.u8(type).bytes8(body);
  return writer.finish();
}

/**
 * Keeps unknown types: whoever reads takes what it knows.
 * @returns views of `bytes`. @throws malformed for types that are not strictly increasing, and for bytes left over.
 */
export function decodeExtensions(bytes: Uint8Array): Extensions {
  const reader = new Reader(bytes, "handshake extensions");
  const extensions = new Map<number, Uint8Array>();
  let previous = -1;
  for (let left = reader.u8(); left > 0; left--) {
    const type = reader.u8();
    if (type <= previous) throw reader.malformed("types are not strictly increasing");
    extensions.set(type, reader.bytes8());
    previous = type;
  }
  reader.finish();
  return extensions;
}

/** What a client asks of a hop. */
export function requestExtensions(hopSlot: Slot): Extensions {
  return new Map([[SLOT, Uint8Array.of(hopSlot)]]);
}

/** @throws malformed unless the client gave exactly one slot in 1…8. */
export function requestedSlot(extensions: Extensions): Slot {
  const body = extensions.get(SLOT);
  if (body === undefined) throw new TaborError("malformed", "link", "handshake without a slot");
  const reader = new Reader(body, "slot");
  const requested = slot(reader.u8());
  reader.finish();
  return requested;
}
