import { TaborError } from "@tabor/onion-core";
import { malformed } from "./errors.ts";
import type { Fields } from "./fields.ts";

/**
 * What is fed to the decompressor at once. Deflate expands at most about 1032-fold, so one feeding makes at most 2 MiB,
 * and the next waits until that has been taken: a bomb costs its reader's bound, never memory beyond it.
 */
const FEED = 2048;

/** Takes the Content-Encoding off (RFC 9110 §8.4): gzip, deflate or none. Whatever else was not offered. */
export function decodeContent(
  body: AsyncGenerator<Uint8Array, void>,
  fields: Fields,
): AsyncGenerator<Uint8Array, void> {
  const codings = fields.list("content-encoding").filter((coding) => coding !== "identity");
  if (codings.length === 0) return body;
  if (codings.length > 1) throw malformed("several compressions on top of each other");
  const [coding] = codings;
  if (coding === "gzip" || coding === "x-gzip") return decompress(body, () => "gzip");
  if (coding === "deflate") return decompress(body, deflateFormat);
  throw malformed("a compression nobody asked for");
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
