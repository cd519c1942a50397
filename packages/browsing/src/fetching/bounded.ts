import { TaborError, type Clock, type Duplex } from "@tabor/onion-core";

export interface Bounds {
  readonly clock: Clock;
  /** What it may take, in milliseconds, and what a person is told when it takes longer. */
  readonly deadline: { readonly ms: number; readonly says: string };
  readonly signal: AbortSignal;
}

/**
 * Does something with a stream, which is aborted when the deadline passes, when nobody wants it any more, and when `action` fails.
 * @throws what `action` throws: of an aborted stream, timeout or aborted.
 */
export async function bounded<T>(
  stream: Duplex,
  { clock, deadline, signal }: Bounds,
  action: () => Promise<T>,
): Promise<T> {
  const withdraw = (): void => {
    stream.abort(new TaborError("aborted", "here", "the request was withdrawn"));
  };
  signal.addEventListener("abort", withdraw, { once: true });
  const cancel = clock.after(deadline.ms, () => {
    stream.abort(new TaborError("timeout", "site", deadline.says));
  });
  try {
    if (signal.aborted) withdraw();
    return await action();
  } catch (thrown) {
    stream.abort(new TaborError("closed", "here", "no connection came about"));
    throw thrown;
  } finally {
    cancel();
    signal.removeEventListener("abort", withdraw);
  }
}
