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

  constructor(stream: Duplex, options: WatchOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** What `wait` brings. A site that takes what we send may be silent meanwhile. */
  async over<T>(wait: () => Promise<T>): Promise<T> {
    const { clock, silenceMs } = this.#options;
    const timer: { cancel?: Cancel } = {};
    const arm = (ms: number): void => {
      timer.cancel = clock.after(ms, () => {
        const left = this.#moved + silenceMs - clock.monotonic();
        if (left > 0) arm(left);
        else this.#stream.abort(silent(silenceMs));
      });
    };
    this.#moved = clock.monotonic();
    arm(silenceMs);
    try {
      return await wait();
    } finally {
      timer.cancel?.();
      this.#moved = clock.monotonic();
    }
  }
}
