import type { Clock, RelayId } from "@tabor/onion-core";

/**
 * What an honest authority asks of another in two periods: its vote, two of each other that it passes on, its signature, and what it
 * lacks. Two, for its clock is not ours.
 */
export function requestsOfTwoPeriods(authorities: number): number {
  return 2 * (2 * authorities + 4);
}

/** Counts what each authority asks of us (SPEC §11): a liar among them costs us so much of our time, and no more. */
export class SenderLimits {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #most: number;
  #period = 0;
  #counts = new Map<RelayId, number>();
  #seals = new Set<string>();

  /** @param most requests of one sender in one period. */
  constructor(clock: Clock, periodMs: number, most: number) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#most = most;
  }

  /**
   * @param seal of the request: who repeats what an authority has sent must not use up what it may send.
   * @returns whether to go on with it.
   */
  allow(sender: RelayId, seal: string): boolean {
    const period = Math.floor(this.#clock.now() / this.#periodMs);
    if (period !== this.#period) {
      this.#period = period;
      this.#counts = new Map();
      this.#seals = new Set();
    }
    const count = this.#counts.get(sender) ?? 0;
    if (count >= this.#most || this.#seals.has(seal)) return false;
    this.#counts.set(sender, count + 1);
    this.#seals.add(seal);
    return true;
  }
}
