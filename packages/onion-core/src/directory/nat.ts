/**
 * What is between a relay and the others, as far as it matters for linking (SPEC §9.5; RFC 4787 §4.1).
 *
 * - *unknown*: nobody has told, or nobody could.
 * - *easy*: none, or a NAT that maps an inner address to the same outer one whomever it is sent to (endpoint-independent).
 * - *hard*: a NAT that maps it anew for each destination, so that what a STUN server sees leads nobody else in.
 * - *turn*: a hard one, and a TURN server that lends an address.
 */
export type NatClass = "unknown" | "easy" | "hard" | "turn";

/** By their number in a descriptor (SPEC §8.1). */
export const NAT_CLASSES: readonly NatClass[] = ["unknown", "easy", "hard", "turn"];

/** Whether two peers can be neighbours: of a hard NAT neither side can tell the other where to send, so one at most. */
export function mayLink(one: NatClass, other: NatClass): boolean {
  return one !== "hard" || other !== "hard";
}
