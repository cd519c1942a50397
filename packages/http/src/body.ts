import type { ByteSource } from "./byte-source.ts";
import { cutShort, malformed, tooLarge } from "./errors.ts";
import type { Fields } from "./fields.ts";
import type { Framing } from "./framing.ts";
import { readFields } from "./head.ts";

/** The largest piece handed on at once. */
const PIECE = 65_536;
/** Chunk extensions mean nothing to us; an endless one would fill our memory. */
const MAX_CHUNK_LINE = 4096;
const MAX_TRAILER_BYTES = 16_384;
/** Most chunks below this size only serve to make us busy: a site may send so many of them in a row. */
const TINY_CHUNK = 16;
const MAX_TINY_CHUNKS_IN_A_ROW = 65_536;

/** The body's bytes with its framing taken off, then the trailers if it has any. Throws when it ends before its end. */
export function readBody(
  source: ByteSource,
  framing: Framing,
): AsyncGenerator<Uint8Array, Fields | undefined> {
  switch (framing.kind) {
    case "none":
      return readLength(source, 0, "the page");
    case "length":
      return readLength(source, framing.length, "the page");
    case "chunked":
      return readChunks(source);
    case "until-close":
      return readToEnd(source);
  }
}

async function* readToEnd(source: ByteSource): AsyncGenerator<Uint8Array, undefined> {
  for (let piece = await source.read(PIECE); piece !== null; piece = await source.read(PIECE)) yield piece;
}

async function* readLength(
  source: ByteSource,
  length: number,
  what: string,
): AsyncGenerator<Uint8Array, undefined> {
  for (let left = length; left > 0;) {
    const piece = await source.read(Math.min(left, PIECE));
    if (piece === null) throw cutShort(what);
    left -= piece.length;
    yield piece;
  }
}

/** RFC 9112 §7.1 */
async function* readChunks(source: ByteSource): AsyncGenerator<Uint8Array, Fields> {
  for (let tiny = 0; ;) {
    const size = parseChunkLine(await source.line(MAX_CHUNK_LINE, "a chunk"));
    if (size === 0) break;
    tiny = size < TINY_CHUNK ? tiny + 1 : 0;
    if (tiny > MAX_TINY_CHUNKS_IN_A_ROW) throw tooLarge("tiny chunks without end");
    yield* readLength(source, size, "a chunk");
    await endOfChunk(source);
  }
  return readFields(source, { bytes: MAX_TRAILER_BYTES });
}

/** Exactly CRLF: here a lone LF would make two readings of one message possible. */
async function endOfChunk(source: ByteSource): Promise<void> {
  for (const expected of [0x0d, 0x0a]) {
    const byte = await source.read(1);
    if (byte === null) throw cutShort("a chunk");
    if (byte[0] !== expected) throw malformed("a chunk has another length than it says");
  }
}

function parseChunkLine(line: string): number {
  const match = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(line);
  if (match === null) throw malformed("a chunk without its size");
  return Number.parseInt(match[1] ?? "", 16);
}
