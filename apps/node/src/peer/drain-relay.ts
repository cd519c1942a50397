import type { Clock, OnionRelay } from "@tabor/onion-core";
import type { DirectoryClient } from "@tabor/rtc-link";

export interface DrainOptions {
  /** How long circuits may take to end, in milliseconds. */
  readonly ms: number;
  /** Aborts when they may no longer. */
  readonly hurry: AbortSignal;
  readonly clock: Clock;
}

const CHECK_INTERVAL_MS = 200;

/**
 * Has a relay come to an end: it takes no circuit more, of which who asks is told (SPEC §11.2), and leaves its directory, so that the next consensus tells everybody.
 * Links and circuits stay as they are. Resolves when the last circuit has ended, or there is no more time.
 */
export async function drainRelay(
  {
    relay,
    directory,
  }: { relay: Pick<OnionRelay, "drain" | "stats">; directory: Pick<DirectoryClient, "close"> },
  { ms, hurry, clock }: DrainOptions,
): Promise<void> {
  relay.drain();
  directory.close();
  const deadline = clock.monotonic() + ms;
  while (relay.stats.circuits > 0 && !hurry.aborted && clock.monotonic() < deadline) {
    await pause(Math.min(CHECK_INTERVAL_MS, deadline - clock.monotonic()), { hurry, clock });
  }
}

function pause(ms: number, { hurry, clock }: Pick<DrainOptions, "hurry" | "clock">): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      cancel();
      hurry.removeEventListener("abort", go);
      resolve();
    };
    const cancel = clock.after(ms, go);
    hurry.addEventListener("abort", go);
  });
}
