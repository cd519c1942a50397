import type { Cancel, Clock } from "./clock.ts";

/** Runs `action` with a signal that aborts after `ms`, or when `parent` does. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const attempt = new AbortController();
  const abort = (): void => {
    attempt.abort(parent?.reason);
  };
  if (parent?.aborted === true) abort();
  parent?.addEventListener("abort", abort, { once: true });
  const cancelDeadline: Cancel = clock.after(ms, abort);
  try {
    return await action(attempt.signal);
  } finally {
    cancelDeadline();
    parent?.removeEventListener("abort", abort);
  }
}
