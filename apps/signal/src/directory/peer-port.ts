import type { Challenge, IncomingSignal } from "@tabor/signal-protocol";

/** A peer's connection, as the directory sees it; Socket.IO implements it, tests do in memory. */
export interface PeerPort {
  /** Names the connection in what the peer signs (SPEC §9.2); ASCII. */
  readonly connectionId: string;
  /** The IP address that the connection comes from; for the consensus's `network`, and never logged. */
  readonly remoteAddress: string;
  challenge(challenge: Challenge): void;
  /** A peer that reads slowly gets the newest consensus when it is ready, not each one. */
  consensus(bytes: Uint8Array): void;
  /** @returns whether it was taken: false for a peer that does not read what it is sent. */
  signal(signal: IncomingSignal): boolean;
  close(): void;
}
