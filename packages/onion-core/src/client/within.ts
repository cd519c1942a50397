import { TaborError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

export interface WaitOptions {
  readonly clock: Clock;
  readonly ms: number;
  /** Withdraws the wait. */
  readonly signal: AbortSignal | undefined;
  /** What to throw when the time is over. */
  readonly late: () => TaborError;
}

/** What `promise` brings, waited for no longer than `ms`. Whatever it brings later is dropped. @throws `late`, or aborted. */
export function within<T>(promise: Promise<T>, { clock, ms, signal, late }: WaitOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new TaborError("aborted", "here", "withdrawn"));
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    const cancelDeadline = clock.after(Math.max(ms, 0), () => {
      reject(late());
    });
    const done = (): void => {
      cancelDeadline();
      signal?.removeEventListener("abort", abort);
    };
    promise.then(resolve, reject).finally(done);
  });
}
