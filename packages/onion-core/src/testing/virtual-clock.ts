import { cryptoUnderWay } from "./crypto-activity.ts";
import { TaborError } from "../errors.ts";
import type { Cancel, Clock } from "../ports/clock.ts";

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/** Where virtual time begins, unless a test says otherwise. */
const NEW_YEAR_2026 = Date.UTC(2026, 0, 1);

/** How long `until` goes on, in virtual milliseconds. */
const PATIENCE_MS = 3_600_000;

/**
 * Time that passes when a test says so. Timers run in the order in which they are due, those of one moment in the order
 * in which they were set; before each of them, everything that was ready has run, WebCrypto included. `soon` runs in the
 * next turn of the event loop, whether time passes or not. For Node.
 */
export class VirtualClock implements Clock {
  readonly #start: number;
  /** By `due`, then by age. */
  readonly #timers: Timer[] = [];
  #ready: (() => void)[] = [];
  #elapsed = 0;
  #advancing = false;

  /** @param start milliseconds since the Unix epoch. */
  constructor(start = NEW_YEAR_2026) {
    this.#start = start;
    cryptoUnderWay();
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, fn: () => void): Cancel {
    if (!(ms >= 0 && ms < Infinity)) throw new TaborError("usage", "here", "a timer needs a length of time");
    const timer = { due: this.#elapsed + ms, run: fn };
    const later = this.#timers.findLastIndex(({ due }) => due <= timer.due);
    this.#timers.splice(later + 1, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  soon(fn: () => void): void {
    if (this.#ready.push(fn) === 1) {
      setImmediate(() => {
        this.#runReady();
      });
    }
  }

  /** Timers that wait: 0 at the end of a test that leaves nothing behind. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Resolves once nothing more happens without time passing. */
  async settle(): Promise<void> {
    do await new Promise<void>(setImmediate);
    while (this.#ready.length > 0 || cryptoUnderWay() > 0);
  }

  /** Lets `ms` milliseconds pass, and everything happen that is due in them. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await this.#exclusively(async () => {
      while (await this.#step(end));
      this.#elapsed = end;
    });
  }

  /**
   * Lets as much time pass as `promise` needs to settle, and no more.
   * @throws what the promise rejects with; timeout if nothing is left that could settle it, or after an hour.
   */
  async until<T>(promise: Promise<T>): Promise<T> {
    const outcome = { settled: false };
    const done = (): void => void (outcome.settled = true);
    promise.then(done, done);
    const end = this.#elapsed + PATIENCE_MS;
    await this.#exclusively(async () => {
      while (await this.#step(end, () => outcome.settled));
    });
    if (!outcome.settled) throw new TaborError("timeout", "here", "nothing settles what the test waits for");
    return promise;
  }

  /** Settles, then runs the next timer that is due by `end`; returns whether there was one. */
  async #step(end: number, enough: () => boolean = () => false): Promise<boolean> {
    await this.settle();
    const next = this.#timers[0];
    if (enough() || next === undefined || next.due > end) return false;
    this.#timers.shift();
    this.#elapsed = next.due;
    next.run();
    return true;
  }

  async #exclusively(run: () => Promise<void>): Promise<void> {
    if (this.#advancing) throw new TaborError("usage", "here", "time is passing already");
    this.#advancing = true;
    try {
      await run();
    } finally {
      this.#advancing = false;
    }
  }

  /** What is asked for meanwhile runs a turn later. */
  #runReady(): void {
    const ready = this.#ready;
    this.#ready = [];
    for (const fn of ready) fn();
  }
}

/** The one thing that this takes from Node. */
declare function setImmediate(fn: () => void): unknown;
