import type { TaborError } from "@tabor/onion-core";
import {
  type Cancel,
  type Clock,
  type Consensus,
  type DirectorySource,
  type RelayId,
  toTaborError,
  verifyConsensus,
} from "@tabor/onion-core";
import { Listeners } from "./listeners.ts";

/** Verifies each consensus that a directory sends (SPEC §8.2), and keeps the newest. */
export class ConsensusKeeper implements DirectorySource {
  readonly #authorities: readonly RelayId[];
  readonly #clock: Clock;
  readonly #listeners = new Listeners<Consensus>();
  #newest: Consensus | undefined;
  #isVerifying = false;
  /** Arrived while another was being verified. Only the last counts: a directory that floods costs one at a time. */
  #waiting: Uint8Array | undefined;

  constructor(authorities: readonly RelayId[], clock: Clock) {
    this.#authorities = authorities;
    this.#clock = clock;
  }

  get current(): Consensus | undefined {
    const isValid = this.#newest !== undefined && this.#clock.now() < this.#newest.validUntil;
    return isValid ? this.#newest : undefined;
  }

  subscribe(listener: (consensus: Consensus) => void): Cancel {
    return this.#listeners.add(listener);
  }

  /** @param settled is told of each outcome: why a consensus was refused, or undefined. */
  offer(bytes: Uint8Array, settled: (refused: TaborError | undefined) => void): void {
    this.#waiting = bytes;
    if (!this.#isVerifying) void this.#verifyWaiting(settled);
  }

  async #verifyWaiting(settled: (refused: TaborError | undefined) => void): Promise<void> {
    this.#isVerifying = true;
    for (let bytes = this.#take(); bytes !== undefined; bytes = this.#take()) {
      settled(await this.#accept(bytes));
    }
    this.#isVerifying = false;
  }

  #take(): Uint8Array | undefined {
    const bytes = this.#waiting;
    this.#waiting = undefined;
    return bytes;
  }

  async #accept(bytes: Uint8Array): Promise<TaborError | undefined> {
    try {
      const trust = { authorities: this.#authorities, now: this.#clock.now(), newest: this.#newest };
      this.#newest = await verifyConsensus(bytes, trust);
    } catch (error) {
      return toTaborError(error, "directory", "checking the consensus");
    }
    this.#listeners.tell(this.#newest);
    return undefined;
  }
}
