import { compareBytes } from "../bytes/compare.ts";

/** Whether each key is greater than the one before: then there is one order, and nothing is there twice (SPEC §1.3). */
export function isRising(keys: readonly Uint8Array[]): boolean {
  return keys.every((key, i) => i === 0 || compareBytes(keys[i - 1] ?? key, key) < 0);
}
