import type { JoinedRelay } from "@tabor/onion-core";

/** A consensus with the votes that are known of those that it was computed from. */
export interface MadeConsensus {
  readonly bytes: Uint8Array;
  readonly votes: readonly Uint8Array[];
}

/** What a directory lends to whoever makes its consensuses. */
export interface ConsensusHost {
  /** Who is joined now. */
  relays(): readonly JoinedRelay[];
  publish(consensus: MadeConsensus): void;
}

/** Makes consensuses, alone or with others, from its start until it is closed. */
export interface ConsensusSource {
  /** Relays have come, gone or published. */
  changed(): void;
  close(): void;
}

export type StartConsensuses = (host: ConsensusHost) => ConsensusSource;
