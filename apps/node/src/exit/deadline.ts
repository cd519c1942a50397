import { ExitRefusal, type Clock } from "@tabor/onion-core";

/** Runs `run` with a signal that aborts with the outer one, or with END reason *timeout* after `ms`. */
export async function withDeadline<T>(
  { clock, ms, signal: outer }: { clock: Clock; ms: number; signal: AbortSignal },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const abort = (): void => {
    limit.abort(refusalOf(outer));
  };
  const cancel = clock.after(ms, () => {
    limit.abort(new ExitRefusal("timeout"));
  });
  outer.addEventListener("abort", abort, { once: true });
  if (outer.aborted) abort();
  try {
    return await run(limit.signal);
  } finally {
    cancel();
    outer.removeEventListener("abort", abort);
  }
}

/** Why a signal of `withDeadline` was aborted. */
export function refusalOf(signal: AbortSignal): ExitRefusal {
  return signal.reason instanceof ExitRefusal ? signal.reason : new ExitRefusal("destroyed");
}

/** A lookup can't be called back; but nobody waits for it after an abort. @throws ExitRefusal then. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      reject(refusalOf(signal));
    };
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", aborted);
    });
  });
}
