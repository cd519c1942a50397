import { TaborError } from "@tabor/onion-core";

type Body = AsyncGenerator<Uint8Array, void>;

/** Calls `took` with the length of each piece. */
export async function* counted(body: Body, took: (length: number) => void): Body {
  for await (const piece of body) {
    took(piece.length);
    yield piece;
  }
}

/** @throws resource-limit after `limit` bytes: a site could fill the browser's memory. */
export function bounded(body: Body, limit: number): Body {
  let left = limit;
  return counted(body, (length) => {
    left -= length;
    if (left < 0) throw new TaborError("resource-limit", "site", "a part of the page is too large");
  });
}

/** Calls `settled` once: with undefined at the end, with what was thrown, or with `GIVEN_UP` if nobody wanted the rest. */
export async function* watched(body: Body, settled: (outcome: unknown) => void): Body {
  let outcome: unknown = GIVEN_UP;
  try {
    yield* body;
    outcome = undefined;
  } catch (thrown) {
    outcome = thrown;
    throw thrown;
  } finally {
    settled(outcome);
  }
}

export const GIVEN_UP: unique symbol = Symbol("given up");
