import { BODY_LENGTH } from "../cell/cell.ts";
import { TaborError } from "../errors.ts";

/** Which prefix of a cell a hop opens and seals: 1…8, given to it by the client (SPEC §4.2). */
export type Slot = number & { readonly __brand: "Slot" };

/** The deepest slot, and the longest circuit. */
export const MAX_SLOT = 8;

/** @throws malformed unless `number` is an integer in 1…8. */
export function slot(number: number): Slot {
  if (!Number.isInteger(number) || number < 1 || number > MAX_SLOT) {
    throw new TaborError("malformed", "link", "a slot is 1…8");
  }
  return number as Slot;
}

/** Bytes that a layer costs: a 16-byte tag and a flag. */
const LAYER_OVERHEAD = 17;

/** Length of what a hop of this slot seals, tag included: L(s). */
export function sealedLength(s: Slot): number {
  return BODY_LENGTH - LAYER_OVERHEAD * (s - 1);
}

/** Length of a layer's content: L(s + 1). */
export function contentLength(s: Slot): number {
  return BODY_LENGTH - LAYER_OVERHEAD * s;
}
