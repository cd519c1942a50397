import type { Cancel, Clock } from "@tabor/onion-core";

/** Calls the listener whenever what was lost may be had again: the network is back, or the page runs again or is looked at. */
export type Awakenings = (listener: () => void) => Cancel;

/** Waits, but no longer than until the next awakening. @param ms milliseconds. */
export function pauseUntilAwake(
  { clock, awakenings }: { readonly clock: Clock; readonly awakenings: Awakenings },
  ms: number,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      stop();
      resolve();
    };
    const cancel = clock.after(ms, done);
    const stop = awakenings(done);
  });
}
