import { concat, TaborError } from "@tabor/onion-core";

/**
 * What DEFLATE (RFC 1951) has made small, as browsers and Node both do it.
 * @param most bytes that may come of it: a few bytes can stand for very many.
 * @throws malformed for other bytes, and too much. (Node does not tell of bytes after the end; the digest of what comes of it is what counts.)
 */
export async function inflate(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const reader = new Blob([Uint8Array.from(bytes)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"))
    .getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await reader.read(); part.value !== undefined; part = await reader.read()) {
      length += part.value.length;
      if (length > most) throw malformed("too much");
      parts.push(part.value);
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    throw cause instanceof TaborError ? cause : malformed("not compressed as it should be", cause);
  }
  return concat(...parts);
}

function malformed(why: string, cause?: unknown): TaborError {
  return new TaborError("malformed", "directory", `difference of consensuses: ${why}`, { cause });
}
