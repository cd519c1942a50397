import type { OnlyRelay } from "../volunteer/volunteer-switch.ts";

const NAME = "tabor-relay";

/** One relay for all tabs of a browser, by a Web Lock: when its tab closes or crashes, the next that waits has it. */
export function onlyRelay(locks: LockManager): OnlyRelay {
  return {
    take: ({ granted, waits }) => {
      const giveUp = new AbortController();
      const { signal } = giveUp;
      const given = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
      const hold = (): Promise<void> => {
        if (!signal.aborted) granted();
        return given;
      };
      const ask = async (): Promise<void> => {
        const isFree = await locks.request(NAME, { ifAvailable: true }, async (lock) => {
          if (lock !== null) await hold();
          return lock !== null;
        });
        if (isFree || signal.aborted) return;
        waits();
        await locks.request(NAME, { signal }, hold);
      };
      // It ends so when it is given up while it waits.
      ask().catch(() => undefined);
      return () => {
        giveUp.abort();
      };
    },
  };
}
