import { concat } from "@tabor/onion-core";

/** The first `limit` bytes of a body at most; `complete` says whether that was all. Closes the connection if not. */
export async function readUpTo(
  body: AsyncGenerator<Uint8Array, void>,
  limit: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly complete: boolean }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    // Exactly at the bound the rest of the body may be empty pieces, or nothing: only a byte more makes it incomplete.
    if (length + piece.length > limit) {
      pieces.push(piece.slice(0, limit - length));
      return { bytes: concat(...pieces), complete: false };
    }
    pieces.push(piece.slice());
    length += piece.length;
  }
  return { bytes: concat(...pieces), complete: true };
}

/** The first bytes of a body, at least `count` if there are as many, and the whole body including them. */
export async function peek(
  body: AsyncGenerator<Uint8Array, void>,
  count: number,
): Promise<{ readonly start: Uint8Array; readonly body: AsyncGenerator<Uint8Array, void> }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < count) {
    const next = await body.next();
    if (next.done === true) break;
    pieces.push(next.value.slice());
    length += next.value.length;
  }
  const start = concat(...pieces);
  return { start: start.subarray(0, count), body: startingWith(start, body) };
}

async function* startingWith(
  start: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    if (start.length > 0) yield start;
    yield* rest;
  } finally {
    await rest.return();
  }
}
