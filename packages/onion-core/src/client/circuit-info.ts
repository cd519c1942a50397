import type { RelayId } from "../crypto/ids.ts";
import type { TaborError } from "../errors.ts";

/** A circuit, as shown to the person whose it is. */
export interface CircuitInfo {
  /** A number of this session, for display. */
  readonly id: number;
  readonly state: CircuitState;
  readonly hops: readonly HopInfo[];
  /** Of the second leg, if it has one: another guard and middle, and the same exit (SPEC §14). */
  readonly secondLeg?: readonly HopInfo[];
  /** What it is used for (SPEC §10.2); undefined: kept ready, clean. */
  readonly isolation: string | undefined;
  readonly streams: number;
}

export type CircuitState =
  | { readonly name: "building" }
  | { readonly name: "open" }
  | { readonly name: "closed"; readonly reason: TaborError };

export interface HopInfo {
  readonly relay: RelayId;
  readonly role: "guard" | "middle" | "exit";
  readonly platform: "node" | "tab";
  /** An exit that can but fetch: it reads what it carries (SPEC §7.5). */
  readonly readsContent: boolean;
  /** Milliseconds from asking to the answer of this hop's handshake; undefined: not yet. */
  readonly handshakeMs: number | undefined;
}
