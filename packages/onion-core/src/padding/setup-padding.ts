import { randomBelow, type Random } from "../ports/random.ts";

/**
 * The machine that makes circuits look alike at first (SPEC §13.2), as Tor's hide the set-up of onion services: after its last
 * hop is there each circuit goes on as if a page were being loaded,
 *
 *     client ─▸ the request, and what a stream begins with: BEGIN and data
 *     client ◂─ the answer, and some cells, a few milliseconds apart
 *
 * whether one is (then its cells are counted, and padding takes the place of those that are missing), or the circuit waits for a
 * later one, or is built to be measured and closed. Real cells never wait for padding.
 */
export const SETUP_MACHINE = 1;

/** What a client sends after its request, all in all. */
export const CLIENT_CELLS = 2;

const MIN_RELAY_CELLS = 7;
export const MAX_RELAY_CELLS = 9;

/** Milliseconds from one cell of a relay's machine to the next. */
const MIN_GAP_MS = 1;
const MAX_GAP_MS = 10;

/** How many cells a relay's machine lets come towards the client, real ones included. */
export function drawRelayCells(random: Random): number {
  return MIN_RELAY_CELLS + randomBelow(random, MAX_RELAY_CELLS - MIN_RELAY_CELLS + 1);
}

/** In whole milliseconds. */
export function drawGap(random: Random): number {
  return MIN_GAP_MS + randomBelow(random, MAX_GAP_MS - MIN_GAP_MS + 1);
}
