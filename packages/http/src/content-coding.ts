import { TaborError } from "@tabor/onion-core";
import { malformed } from "./errors.ts";
import type { Fields } from "./fields.ts";

/**
 * What is fed to the decompressor at once. Deflate expands at most about 1032-fold, so one feeding makes at most 2 MiB,
 * and the next waits until that has been taken: a bomb costs its reader's bound, never memory beyond it.
 */
const FEED = 2048;
/** The most that a `Decompressor` makes at once. */
const STEP = 65_536;

/** Decompresses in steps whose size the caller bounds. */
export interface Decompressor {
  /** Takes some of `input` and makes at most `max` bytes. @throws if the input is broken. */
  step(input: Uint8Array, max: number): DecompressorStep;
  free(): void;
}

export interface DecompressorStep {
  readonly output: Uint8Array;
  /** How many bytes of the input were taken. */
  readonly consumed: number;
  /** What it waits for; `done`: the compressed data have ended. */
  readonly state: "input" | "room" | "done";
}

/** Codings that browsers' own `DecompressionStream` lacks; loaded when they are met. */
export interface MoreCodings {
  readonly br?: () => Promise<Decompressor>;
}

/** Takes the Content-Encoding off (RFC 9110 §8.4): gzip, deflate, none, and those of `more`. Others were not offered. */
export function decodeContent(
  body: AsyncGenerator<Uint8Array, void>,
  fields: Fields,
  more: MoreCodings = {},
): AsyncGenerator<Uint8Array, void> {
  const codings = fields.list("content-encoding").filter((coding) => coding !== "identity");
  if (codings.length === 0) return body;
  if (codings.length > 1) throw malformed("several compressions on top of each other");
  const [coding] = codings;
  if (coding === "gzip" || coding === "x-gzip") return decompress(body, () => "gzip");
  if (coding === "deflate") return decompress(body, deflateFormat);
  if (coding === "br" && more.br !== undefined) return stepwise(body, more.br);
  throw malformed("a compression nobody asked for");
}

async function* stepwise(
  body: AsyncGenerator<Uint8Array, void>,
  load: () => Promise<Decompressor>,
): AsyncGenerator<Uint8Array, void> {
  const decompressor = await load();
  let ended: boolean | undefined;
  try {
    for await (const piece of body) {
      if (ended === true && piece.length > 0) throw malformed("bytes after its compressed end");
      ended = yield* steps(decompressor, piece);
    }
    if (ended === false) throw malformed("its compression is cut short");
  } finally {
    decompressor.free();
  }
}

/** @returns whether the compressed data have ended. */
function* steps(decompressor: Decompressor, piece: Uint8Array): Generator<Uint8Array, boolean> {
  for (let input = piece; ;) {
    const { output, consumed, state } = stepOf(decompressor, input);
    input = input.subarray(consumed);
    if (output.length > 0) yield output;
    if (state === "done" && input.length > 0) throw malformed("bytes after its compressed end");
    if (state !== "room" && input.length === 0) return state === "done";
  }
}

function stepOf(decompressor: Decompressor, input: Uint8Array): DecompressorStep {
  try {
    const step = decompressor.step(input, STEP);
    if (step.state === "input" && step.consumed < input.length) throw malformed("its compression is broken");
    return step;
  } catch {
    throw malformed("its compression is broken");
  }
}

/** "deflate" means zlib (RFC 9110 §8.4.1.2), but some servers send it bare: the zlib header tells (RFC 1950 §2.2). */
function deflateFormat(start: Uint8Array): CompressionFormat {
  const [cmf = 0, flags = 0] = start;
  return (cmf & 0x0f) === 8 && (cmf * 256 + flags) % 31 === 0 ? "deflate" : "deflate-raw";
}

async function* decompress(
  body: AsyncGenerator<Uint8Array, void>,
  formatOf: (start: Uint8Array) => CompressionFormat,
): AsyncGenerator<Uint8Array, void> {
  const start = await firstBytes(body, 2);
  if (start.length === 0) return;
  const { readable, writable } = new DecompressionStream(formatOf(start));
  const feeding = feed(start, body, writable.getWriter());
  const reader = readable.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    const failure = await feeding;
    if (failure !== undefined) throw failure;
  } catch (thrown) {
    throw await whatBroke(thrown, feeding);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The body's own failure, if there is one, says more than what the decompressor made of it. */
async function whatBroke(thrown: unknown, feeding: Promise<TaborError | undefined>): Promise<unknown> {
  if (thrown instanceof TaborError) return thrown;
  return (await feeding) ?? malformed("its compression is broken");
}

/** At least `count` bytes if there are as many. */
async function firstBytes(body: AsyncGenerator<Uint8Array, void>, count: number): Promise<Uint8Array> {
  const bytes: number[] = [];
  while (bytes.length < count) {
    const next = await body.next();
    if (next.done === true) break;
    for (const byte of next.value) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Never throws: returns the body's failure, if any, having broken the decompressor with it. */
async function feed(
  start: Uint8Array,
  body: AsyncGenerator<Uint8Array, void>,
  writer: WritableStreamDefaultWriter<BufferSource>,
): Promise<TaborError | undefined> {
  const broken = writer.closed.then(
    () => undefined,
    () => undefined,
  );
  try {
    await feedPiece(start, writer);
    for await (const piece of body) await feedPiece(piece, writer);
    await writer.close();
  } catch (thrown) {
    await Promise.race([writer.abort(thrown), broken]).catch(() => undefined);
    return thrown instanceof TaborError ? thrown : undefined;
  }
  return undefined;
}

async function feedPiece(
  piece: Uint8Array,
  writer: WritableStreamDefaultWriter<BufferSource>,
): Promise<void> {
  for (let offset = 0; offset < piece.length; offset += FEED) {
    await writer.ready;
    // A copy: the decompressor may read it after the stream has gone on to use its buffer.
    await writer.write(piece.slice(offset, offset + FEED));
  }
}
