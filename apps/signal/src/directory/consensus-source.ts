import type { JoinedRelay, UnsignedConsensus } from "@tabor/onion-core";

/** A consensus with the votes that are known of those that it was computed from. */
export interface MadeConsensus {
  readonly bytes: Uint8Array;
  readonly votes: readonly Uint8Array[];
}

/** What a directory lends to whoever makes its consensuses. */
export interface ConsensusHost {
  /** Who is joined now. */
  relays(): readonly JoinedRelay[];
  /** Resolves when a crash would lose none of them. */
  settled(): Promise<void>;
  /** The last consensus that was published, also by another process. */
  newest(): UnsignedConsensus | undefined;
  publish(consensus: MadeConsensus): void;
}

/** Makes consensuses, alone or with others, from its start until it is closed. */
export interface ConsensusSource {
  /** Relays have come, gone or published. */
  changed(): void;
  close(): void;
}

export type StartConsensuses = (host: ConsensusHost) => ConsensusSource;
