import type { Link } from "./link.ts";
import type { DestroyReason } from "../cell/control.ts";
import type { TaborError } from "../errors.ts";
import type { QueuedSince } from "../memory/queue-memory.ts";

/** A circuit's end on a link, for the circuit: how it sends. Once destroyed, or the link closed, it does nothing. */
export interface LinkCircuit {
  readonly link: Link;
  /** How many of its cells wait for the link; the circuit keeps this within the bound of SPEC §11. */
  queued(): number;
  /** Since when the first of them does, where a relay counts them. */
  oldest(): QueuedSince;
  /** Takes the body before it returns: its buffer may be used again. */
  send(command: "RELAY" | "CREATE2" | "CREATED2", body: Uint8Array): void;
  /** Sends DESTROY in place of what still waits, and forgets the circuit here. */
  destroy(reason: DestroyReason): void;
}

/**
 * A circuit's end on a link, for the link: what it tells the circuit. After `destroyed` or `linkClosed` nothing follows.
 * What `relay` and `created` throw closes the link, so a circuit answers for its own faults itself.
 */
export interface CircuitHandler {
  /** @param body 2043 bytes, a view of the message; it does not change. */
  relay(body: Uint8Array): void;
  created(hdata: Uint8Array): void;
  destroyed(reason: DestroyReason): void;
  linkClosed(reason: TaborError): void;
}
