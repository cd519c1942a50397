import { TokenBucket } from "../../congestion/token-bucket.ts";
import { microsOf, type Cancel, type Clock } from "../../ports/clock.ts";

/**
 * How many seconds' worth may go at once, as Tor's `RelayBandwidthBurst` unless it is set. A browser runs the timers of a hidden tab once a second: with less
 * the limit would not be used up.
 */
const BURST_S = 1;
/** Who waits is called after so many milliseconds' worth have come together: one timer for many messages. */
const TURN_MS = 10;

/** One direction's bytes of all links of a relay together, by a token bucket. Those who wait for it take turns. */
export class SharedRate {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #bytesPerSecond: number | undefined;
  #bucket: TokenBucket | undefined;
  #cancel: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on. @param bytesPerSecond more than 0; undefined: as many as there are. */
  limit(bytesPerSecond: number | undefined): void {
    if (bytesPerSecond === this.#bytesPerSecond) return;
    this.#bytesPerSecond = bytesPerSecond;
    this.#bucket =
      bytesPerSecond === undefined
        ? undefined
        : new TokenBucket(bytesPerSecond, bytesPerSecond * BURST_S, microsOf(this.#clock));
    this.#stopTimer();
    this.goOn();
  }

  /** Whether nothing may pass now. */
  get isSpent(): boolean {
    return this.#bucket !== undefined && this.#bucket.level(microsOf(this.#clock)) <= 0;
  }

  /** So many bytes pass; more than there are have the next wait for longer. */
  take(bytes: number): void {
    this.#bucket?.take(bytes);
  }

  /** Calls `turn` once bytes may pass, after those who have waited for longer. */
  wait(turn: () => void): void {
    this.#waiting.add(turn);
    this.#startTimer();
  }

  /** It waits no more. */
  leave(turn: () => void): void {
    this.#waiting.delete(turn);
    if (this.#waiting.size === 0) this.#stopTimer();
  }

  /** Gives turns for as long as bytes may pass. Called whenever something happens, for timers may be late. */
  goOn(): void {
    for (const turn of this.#waiting) {
      if (this.isSpent) break;
      this.#waiting.delete(turn);
      turn();
    }
    if (this.#waiting.size === 0) this.#stopTimer();
    else this.#startTimer();
  }

  #startTimer(): void {
    if (this.#cancel !== undefined || this.#bucket === undefined || this.#bytesPerSecond === undefined)
      return;
    const enough = Math.max(1, (this.#bytesPerSecond * TURN_MS) / 1000);
    const ms = Math.ceil(this.#bucket.wait(enough, microsOf(this.#clock)) / 1000);
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined;
      this.goOn();
    });
  }

  #stopTimer(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
