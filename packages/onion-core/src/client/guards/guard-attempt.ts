import type { Guard } from "./guard.ts";
import type { RelayEntry } from "../../directory/consensus.ts";

/** A guard that was selected for a circuit. */
export interface GuardChoice {
  readonly entry: RelayEntry;
  readonly guard: Guard;
  /** Otherwise a circuit through it waits until it is known that the better guards do not answer. */
  readonly isPrimary: boolean;
}

/** What becomes of a circuit that was built: streams may use it, or a better guard has answered meanwhile. */
export type GuardVerdict = "complete" | "superseded";

/** One circuit's use of a guard: `failed`, or `closed`, or first `succeeded` and in the end `closed`. */
export interface GuardAttempt {
  /** The circuit is built. The verdict comes at once, or later. */
  succeeded(): void;
  /** The guard did not answer, or not for the first hop. */
  failed(): void;
  /** The circuit failed beyond the guard, or is not wanted any more: nothing is learned of the guard. */
  closed(): void;
}
