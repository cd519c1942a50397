import type { Clock } from "@tabor/onion-core";
import { paced } from "./paced.ts";
import type { LoadProgress } from "./progress.ts";

export const RECOVERED =
  "A relay on the way went away. Tabor fetched everything again over a new circuit, from the start.";

/** How often progress is shown, in milliseconds. */
const PROGRESS_MS = 100;

/** Follows one piece of work: what it reports, and what the person should be told when it is over. */
export interface LoadWatch {
  readonly onProgress: (progress: LoadProgress) => void;
  readonly onRecovery: () => void;
  readonly latest: LoadProgress | undefined;
  readonly notice: string | undefined;
  /** The work is over: nothing more is shown. */
  readonly stop: () => void;
}

/**
 * @param show is given what to show, not too often, until the work is over or `signal` aborts.
 * @param before a notice that still holds.
 */
export function watchLoad(
  clock: Clock,
  signal: AbortSignal,
  show: (progress: LoadProgress, notice: string | undefined) => void,
  before?: string,
): LoadWatch {
  let notice = before;
  let latest: LoadProgress | undefined;
  const shown = paced(clock, PROGRESS_MS, (progress: LoadProgress) => {
    show(progress, notice);
  });
  signal.addEventListener("abort", shown.stop);
  return {
    onProgress: (progress) => {
      latest = progress;
      shown.offer(progress);
    },
    onRecovery: () => {
      notice = RECOVERED;
    },
    get latest() {
      return latest;
    },
    get notice() {
      return notice;
    },
    stop: () => {
      signal.removeEventListener("abort", shown.stop);
      shown.stop();
    },
  };
}
