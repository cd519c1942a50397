import { type Cancel, type Clock, type Log, toTaborError } from "@tabor/onion-core";
import type { ConsensusSource, MadeConsensus } from "./consensus-source.ts";

/** Milliseconds: a burst of joins makes one consensus. */
const GATHER = 100;
/** Milliseconds between two consensuses at least: relays that come and go cost every peer a download. */
const SPACING = 1000;
/** Milliseconds; a consensus is fresh for two minutes (SPEC §8.2). */
const REFRESH = 90_000;

export interface ConsensusPublisherOptions {
  /** Signs a consensus of the relays that are there now. */
  readonly make: () => Promise<MadeConsensus>;
  readonly publish: (consensus: MadeConsensus) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Decides when there is a new consensus: soon after a change, and before the last one stops being fresh. */
export class ConsensusPublisher implements ConsensusSource {
  readonly #options: ConsensusPublisherOptions;
  #cancel: Cancel = () => undefined;
  #isMaking = false;
  #isClosed = false;
  /** How many changes there have been, and how many of them the current consensus knows. */
  #changes = 0;
  #included = 0;
  #madeAt = Number.NEGATIVE_INFINITY;

  /** Makes the first one at once. */
  constructor(options: ConsensusPublisherOptions) {
    this.#options = options;
    void this.#make();
  }

  /** Relays have come, gone or published. */
  changed(): void {
    this.#changes++;
    const isFirst = this.#changes === this.#included + 1;
    if (isFirst && !this.#isMaking) this.#scheduleChange();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #scheduleChange(): void {
    const spacing = this.#madeAt + SPACING - this.#options.clock.monotonic();
    this.#schedule(Math.max(GATHER, spacing));
  }

  #schedule(ms: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    this.#cancel = this.#options.clock.after(ms, () => {
      void this.#make();
    });
  }

  async #make(): Promise<void> {
    const { clock, log, make, publish } = this.#options;
    const changes = this.#changes;
    this.#isMaking = true;
    this.#madeAt = clock.monotonic();
    try {
      const consensus = await make();
      if (!this.#isClosed) publish(consensus);
    } catch (error) {
      log.error("no consensus could be made", {
        reason: toTaborError(error, "directory", "consensus").message,
      });
    }
    this.#isMaking = false;
    this.#included = changes;
    if (this.#changes > changes) this.#scheduleChange();
    else this.#schedule(REFRESH);
  }
}
