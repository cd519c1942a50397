import type { Challenge, IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import type { ConsensusMessage } from "./consensus-history.ts";

/** A peer's connection, as the directory sees it; Socket.IO implements it, tests do in memory. */
export interface PeerPort {
  /** Names the connection in what the peer signs (SPEC §9.2); ASCII. */
  readonly connectionId: string;
  /** The IP address that the connection comes from; for the consensus's `network`, and never logged. */
  readonly remoteAddress: string;
  challenge(challenge: Challenge): void;
  /** The peer has joined, and has this address from now on. */
  joined(address: PeerAddress): void;
  consensus(message: ConsensusMessage): void;
  /** Calls back once what was sent before has been written. */
  whenReady(then: () => void): void;
  /** @returns whether it was taken: false for a peer that does not read what it is sent. */
  signal(signal: IncomingSignal): boolean;
  close(): void;
}
