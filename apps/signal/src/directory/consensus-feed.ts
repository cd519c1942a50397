import type { ConsensusHistory } from "./consensus-history.ts";
import type { PeerPort } from "./peer-port.ts";

/** Keeps one peer at the newest consensus (SPEC §9.3). Who reads slowly gets the newest when it is ready, not each one. */
export class ConsensusFeed {
  readonly #history: ConsensusHistory;
  readonly #port: PeerPort;
  #has: Uint8Array | undefined;
  #isWaiting = false;

  /** @param has digest of the consensus that the peer has, 32 bytes, if any. */
  constructor(history: ConsensusHistory, port: PeerPort, has: Uint8Array | undefined) {
    this.#history = history;
    this.#port = port;
    this.#has = has;
  }

  /** What the peer says that it has; undefined for nothing, and then it is sent the whole. */
  peerHas(digest: Uint8Array | undefined): void {
    this.#has = digest;
    if (digest === undefined) this.newest();
  }

  /** There is a newer one, or the peer has just come. */
  newest(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#port.whenReady(() => {
      this.#isWaiting = false;
      const message = this.#history.messageFor(this.#has);
      if (message !== undefined) this.#port.consensus(message);
    });
  }
}
