import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { slot, type Slot } from "../crypto/slot.ts";
import { TaborError } from "../errors.ts";

/** The extensions that the two sides of a circuit handshake send each other (SPEC §5.2), by type 0…255. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

const SLOT = 16;
const KEM = 17;

/**
 * In increasing order of type, whatever the order in the map.
 * @throws a usage error for a body longer than 65535 bytes.
 */
export function encodeExtensions(extensions: Extensions): Uint8Array<ArrayBuffer> {
  const ordered = [...extensions].sort(([a], [b]) => a - b);
  const length = ordered.reduce((sum, [, body]) => sum + 3 + body.length, 1);
  const writer = new Writer(length).u8(ordered.length);
  for (const [type, body] of ordered) writer.u8(type).bytes16(body);
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
    extensions.set(type, reader.bytes16());
    previous = type;
  }
  reader.finish();
  return extensions;
}

/** What a client asks of a hop, CM of SPEC §5.2. */
export interface HopRequest {
  readonly slot: Slot;
  /** The client's ML-KEM-768 encapsulation key; whoever encapsulates checks it. */
  readonly kemKey: Uint8Array;
}

export function encodeRequest({ slot: hopSlot, kemKey }: HopRequest): Uint8Array {
  return encodeExtensions(
    new Map([
      [SLOT, Uint8Array.of(hopSlot)],
      [KEM, kemKey],
    ]),
  );
}

/** @throws malformed unless the client gave exactly one slot in 1…8, and a key. */
export function decodeRequest(message: Uint8Array): HopRequest {
  const extensions = decodeExtensions(message);
  const reader = new Reader(required(extensions, SLOT), "slot");
  const hopSlot = slot(reader.u8());
  reader.finish();
  return { slot: hopSlot, kemKey: required(extensions, KEM) };
}

/** SM of SPEC §5.2. */
export function encodeAnswer(kemCiphertext: Uint8Array): Uint8Array {
  return encodeExtensions(new Map([[KEM, kemCiphertext]]));
}

/** @returns the ciphertext; whoever decapsulates checks it. @throws malformed if there is none. */
export function decodeAnswer(message: Uint8Array): Uint8Array {
  return required(decodeExtensions(message), KEM);
}

function required(extensions: Extensions, type: number): Uint8Array {
  const body = extensions.get(type);
  if (body === undefined)
    throw new TaborError("malformed", "link", `handshake without extension ${String(type)}`);
  return body;
}
