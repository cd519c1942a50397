import type { Cancel, Clock, Duplex } from "@tabor/onion-core";
import { silent } from "./errors.ts";

export interface WatchOptions {
  readonly clock: Clock;
  /** The longest silence of a site that is waited for, in milliseconds. */
  readonly silenceMs: number;
}

/** Breaks a stream, so that waits on it throw, when somebody waits and nothing moves in either direction for too long. */
export class Watch {
  readonly #stream: Duplex;
  readonly #options: WatchOptions;
  #moved = 0;
  #waiting = 0;
  /** One timer for many waits: a body comes in thousands of pieces. */
  #cancel: Cancel | undefined;

  constructor(stream: Duplex, options: WatchOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** What `wait` brings. A site that takes what we send may be silent meanwhile. */
  async over<T>(wait: () => Promise<T>): Promise<T> {
    this.#moved = this.#options.clock.monotonic();
    this.#waiting += 1;
    if (this.#cancel === undefined) this.#arm(this.#options.silenceMs);
    try {
      return await wait();
    } finally {
      this.#waiting -= 1;
      this.#moved = this.#options.clock.monotonic();
    }
  }

  /** Nobody waits any more: leaves no timer behind. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#cancel = undefined;
      if (this.#waiting === 0) return;
      const left = this.#moved + this.#options.silenceMs - this.#options.clock.monotonic();
      if (left > 0) this.#arm(left);
      else this.#stream.abort(silent(this.#options.silenceMs));
    });
  }
}
