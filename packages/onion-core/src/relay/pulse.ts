import type { Clock } from "../ports/clock.ts";

/** Wakes everybody who waits for a change. */
export class Pulse {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  beat(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves with the next beat, or after `ms` milliseconds. */
  next(ms = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = ms === Infinity ? () => undefined : this.#clock.after(Math.max(0, ms), wake);
      this.#waiting.add(wake);
    });
  }
}
