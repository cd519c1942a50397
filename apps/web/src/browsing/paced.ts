import type { Cancel, Clock } from "@tabor/onion-core";

/** A stream of values slowed down for people. */
export interface Paced<T> {
  readonly offer: (value: T) => void;
  /** Nothing is delivered any more. */
  readonly stop: () => void;
}

/** Delivers the newest value at most every `ms` milliseconds: progress comes thousands of times a second. */
export function paced<T>(clock: Clock, ms: number, deliver: (value: T) => void): Paced<T> {
  let next = -Infinity;
  let cancel: Cancel | undefined;
  let stopped = false;
  let newest: T;
  const deliverNow = (): void => {
    cancel = undefined;
    next = clock.monotonic() + ms;
    deliver(newest);
  };
  return {
    offer: (value) => {
      newest = value;
      if (stopped || cancel !== undefined) return;
      const wait = next - clock.monotonic();
      if (wait <= 0) deliverNow();
      else cancel = clock.after(wait, deliverNow);
    },
    stop: () => {
      stopped = true;
      cancel?.();
    },
  };
}
