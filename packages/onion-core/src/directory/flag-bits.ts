import type { Reader } from "../bytes/reader.ts";
import type { RelayFlag } from "./consensus.ts";

/** The flag of each bit, from the lowest (SPEC §8.2). */
export const RELAY_FLAGS: readonly RelayFlag[] = [
  "Running",
  "Valid",
  "Guard",
  "Exit",
  "Stable",
  "Fast",
  "BadExit",
  "Fetch",
];

/** As a u16. */
export function flagBits(flags: ReadonlySet<RelayFlag>): number {
  return RELAY_FLAGS.reduce((bits, flag, bit) => (flags.has(flag) ? bits | (1 << bit) : bits), 0);
}

/** @throws malformed for a bit that is no flag. */
export function readFlags(reader: Reader): ReadonlySet<RelayFlag> {
  const bits = reader.u16();
  if (bits >> RELAY_FLAGS.length !== 0) throw reader.malformed("unknown flag");
  return new Set(RELAY_FLAGS.filter((_, bit) => (bits >> bit) & 1));
}
