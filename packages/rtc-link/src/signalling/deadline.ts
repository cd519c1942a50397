import { type Clock, TaborError, type ErrorPlace } from "@tabor/onion-core";

export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ms: number;
  /** Whose silence it is, for the error. */
  readonly where: ErrorPlace;
  /** What was waited for: "the directory's challenge". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for `work`, but no longer than the deadline. @throws timeout, aborted, or what `work` fails with. */
export function within<T>(work: Promise<T>, { clock, ms, where, what, signal }: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: TaborError): void => {
      stop();
      reject(error);
    };
    const onAbort = (): void => {
      giveUp(new TaborError("aborted", "here", `no longer waiting for ${what}`));
    };
    const cancel = clock.after(ms, () => {
      giveUp(new TaborError("timeout", where, `no sign of ${what} within ${ms / 1000} s`));
    });
    const stop = (): void => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    };
    work.finally(stop).then(resolve, reject);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}

/** Waits `ms` milliseconds, or until `signal` aborts; never fails. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
