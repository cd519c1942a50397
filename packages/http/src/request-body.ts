import { ascii, concat, TaborError } from "@tabor/onion-core";
import { encodeRequestHead, type HttpRequest, type RequestBody } from "./request-head.ts";

/** Bodies up to this size leave in one piece with the head, and so with what opens the stream. */
const TOGETHER_BYTES = 65_536;
/** What is written at once. */
const PIECE = 65_536;

/**
 * A request as it is written: what goes first, and the pieces that follow.
 * @throws usage; while iterating, also what the body throws, and usage for a body of another length than it says.
 */
export function encodeRequest(request: HttpRequest): {
  readonly first: Uint8Array;
  readonly rest: Pieces;
} {
  const head = encodeRequestHead(request);
  const { body } = request;
  if (body === undefined) return { first: head, rest: pieces(new Uint8Array(0)) };
  if (body instanceof Uint8Array && body.length <= TOGETHER_BYTES) {
    return { first: concat(head, body), rest: pieces(new Uint8Array(0)) };
  }
  return { first: head, rest: framed(body) };
}

/** What `for await` takes. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

function framed(body: RequestBody): Pieces {
  if (body instanceof Uint8Array) return pieces(body);
  return body.length === undefined ? chunks(body.bytes) : exactly(body.bytes, body.length);
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let offset = 0; offset < bytes.length; offset += PIECE) yield bytes.subarray(offset, offset + PIECE);
}

/** RFC 9112 §7.1; an empty chunk would end the body. */
export async function* chunks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const piece of bytes) {
    if (piece.length > 0) yield concat(ascii(`${piece.length.toString(16)}\r\n`), piece, ascii("\r\n"));
  }
  yield ascii("0\r\n\r\n");
}

/** A byte more or less than promised would make the next request part of this one. */
async function* exactly(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array, void> {
  let left = length;
  for await (const piece of bytes) {
    left -= piece.length;
    if (left < 0) throw new TaborError("usage", "here", "the body is longer than it says");
    if (piece.length > 0) yield piece;
  }
  if (left > 0) throw new TaborError("usage", "here", "the body is shorter than it says");
}
