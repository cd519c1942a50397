import type { Cancel, Clock } from "../../packages/onion-core/src/ports/clock.ts";

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/** Time that the simulation sets. Unlike the tests' virtual clock it awaits nothing: nothing in the simulation is asynchronous. */
export class SimClock implements Clock {
  readonly #start: number;
  readonly #timers = new Set<Timer>();
  #elapsed = 0;

  /** @param start milliseconds since the Unix epoch. */
  constructor(start: number) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** @param to milliseconds since the start. */
  advanceTo(to: number): void {
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.due <= to).sort((a, b) => a.due - b.due)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#elapsed = Math.max(this.#elapsed, due.due);
      due.run();
    }
    this.#elapsed = Math.max(this.#elapsed, to);
  }

  after(ms: number, fn: () => void): Cancel {
    const timer = { due: this.#elapsed + ms, run: fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  soon(fn: () => void): void {
    this.after(0, fn);
  }
}
