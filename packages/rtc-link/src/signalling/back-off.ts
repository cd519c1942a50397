import { type Random, randomFraction } from "@tabor/onion-core";

const FIRST = 1000;
const LONGEST = 60_000;

/**
 * How long to wait after the n-th failure in a row, n ≥ 1, in milliseconds: doubling from 1 s to 60 s, of which a
 * random half is taken off, so that those who lost a directory together do not come back together.
 */
export function backOff(failures: number, random: Random): number {
  const longest = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return longest * (1 - randomFraction(random) / 2);
}
