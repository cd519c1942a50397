/** SPEC §10.4, after Tor's path specification. Milliseconds. */
const BIN = 10;
const KEPT = 1000;
const ENOUGH = 100;
const MODES = 10;
const USE_QUANTILE = 0.8;
const CLOSE_QUANTILE = 0.99;
/** So that a moment's load does not make every circuit late. */
const LEAST_USE = 1000;
const LEAST_CLOSE = 60_000;
/** While nothing is learned. */
const FIRST_USE = 15_000;
const MOST_FIRST_USE = 60_000;
const RECENT = 20;
const MAX_RECENT_TIMEOUTS = 18;

/** How long circuits of this session took to build, and how long it is therefore worth waiting for one. */
export class BuildTimes {
  #times: number[] = [];
  /** Of the last circuits that got past their guard, whether they were late. */
  #recent: boolean[] = [];
  #firstUse = FIRST_USE;
  #learned: Timeouts | undefined;

  /** Whether the timeouts come from what was seen. */
  get isLearned(): boolean {
    return this.#times.length >= ENOUGH;
  }

  /** A stream waits for a circuit that long; then another is begun. */
  get use(): number {
    return this.#timeouts.use;
  }

  /** A circuit is given up after this time. Until then a late one goes on, as a measurement. */
  get close(): number {
    return this.#timeouts.close;
  }

  /** A circuit was built, late or not. @param ms from asking its first hop. */
  built(ms: number): void {
    this.#times = [...this.#times.slice(1 - KEPT), ms];
    this.#learned = undefined;
  }

  /** A circuit that got past its guard was there in time, or was not. The network may have changed: then what was learned is forgotten. */
  outcome(isLate: boolean): void {
    this.#recent = [...this.#recent.slice(1 - RECENT), isLate];
    if (this.#recent.filter(Boolean).length < MAX_RECENT_TIMEOUTS) return;
    this.#firstUse = this.isLearned ? FIRST_USE : Math.min(2 * this.#firstUse, MOST_FIRST_USE);
    this.#times = [];
    this.#recent = [];
    this.#learned = undefined;
  }

  get #timeouts(): Timeouts {
    if (!this.isLearned) return { use: this.#firstUse, close: LEAST_CLOSE };
    return (this.#learned ??= timeouts(this.#times));
  }
}

interface Timeouts {
  readonly use: number;
  readonly close: number;
}

function timeouts(times: readonly number[]): Timeouts {
  const quantile = paretoQuantile(times);
  const longest = Math.max(...times);
  return {
    use: Math.max(Math.min(quantile(USE_QUANTILE), longest), LEAST_USE),
    close: Math.max(Math.min(quantile(CLOSE_QUANTILE), 2 * longest), LEAST_CLOSE),
  };
}

/**
 * The Pareto distribution that fits the times best: its scale from the most frequent times, its shape by maximum likelihood.
 * @param times at least one, in milliseconds. @returns the time within which a share (0…1, exclusive) of circuits is built.
 */
export function paretoQuantile(times: readonly number[]): (share: number) => number {
  const scale = mode(times);
  const logs = times.reduce((sum, time) => sum + Math.log(Math.max(scale, time) / scale), 0);
  const shape = times.length / logs;
  return (share) => scale / (1 - share) ** (1 / shape);
}

/** The mean of the middles of the ten fullest bins, each as often as it was hit; of bins equally full the lower ones. */
function mode(times: readonly number[]): number {
  const bins = new Map<number, number>();
  for (const time of times) {
    const bin = Math.floor(time / BIN);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const fullest = [...bins].sort(([a, m], [b, n]) => n - m || a - b).slice(0, MODES);
  const count = fullest.reduce((sum, [, n]) => sum + n, 0);
  return fullest.reduce((sum, [bin, n]) => sum + (bin + 0.5) * BIN * n, 0) / count;
}
