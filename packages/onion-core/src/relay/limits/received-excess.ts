import type { LimitedChannel } from "./limited-channel.ts";
import type { Clock } from "../../ports/clock.ts";

/** What is received above the rate, and by whom it was sent since there is any. */
export class ReceivedExcess {
  readonly #clock: Clock;
  readonly #senders = new Map<LimitedChannel, number>();
  #bytesPerMs: number | undefined;
  #bytes = 0;
  #at = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param bytesPerSecond undefined: nothing is too much. */
  limit(bytesPerSecond: number | undefined): void {
    this.#bytesPerMs = bytesPerSecond === undefined ? undefined : bytesPerSecond / 1000;
    this.#forgive();
  }

  /** @returns how much there is now, in bytes. */
  add(channel: LimitedChannel, bytes: number): number {
    if (this.#bytesPerMs === undefined) return 0;
    const now = this.#clock.monotonic();
    const left = this.#bytes - (now - this.#at) * this.#bytesPerMs;
    if (left <= 0) this.#forgive();
    this.#bytes = Math.max(0, left) + bytes;
    this.#at = now;
    this.#senders.set(channel, (this.#senders.get(channel) ?? 0) + bytes);
    return this.#bytes;
  }

  /** It has closed: what it sent is not held against the others. */
  forget(channel: LimitedChannel): void {
    this.#bytes = Math.max(0, this.#bytes - (this.#senders.get(channel) ?? 0));
    this.#senders.delete(channel);
  }

  /** Who has sent most since there is an excess. */
  get worst(): LimitedChannel | undefined {
    let worst: LimitedChannel | undefined;
    let most = 0;
    for (const [channel, bytes] of this.#senders) {
      if (bytes <= most) continue;
      worst = channel;
      most = bytes;
    }
    return worst;
  }

  #forgive(): void {
    this.#bytes = 0;
    this.#at = this.#clock.monotonic();
    this.#senders.clear();
  }
}
