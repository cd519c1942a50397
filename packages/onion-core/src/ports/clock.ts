/** Time, handed in: real in `main.ts`, virtual in tests. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic milliseconds, for measuring; never goes back. */
  monotonic(): number;
  /** Runs `fn` once after `ms` milliseconds, unless cancelled. */
  after(ms: number, fn: () => void): Cancel;
  /** Runs `fn` once, after what is ready now has run: how small sends are put together without a timer. */
  soon(fn: () => void): void;
}

/** Stops what it belongs to; calling it again does nothing. */
export type Cancel = () => void;

/** Whole microseconds of the monotonic clock. */
export function microsOf(clock: Clock): number {
  return Math.floor(clock.monotonic() * 1000);
}
