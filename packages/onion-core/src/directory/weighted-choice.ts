import { randomBytes, type Random } from "../ports/random.ts";

/** How often `drawFitting` draws from all before it looks through the list for those that fit. */
const TRIES = 8;
const RANGE = 2 ** 53;

/**
 * Items to draw from, each with a probability in proportion to its weight; uniformly if all weights are zero. Exact up to a sum
 * of 2^53; beyond it rounded, by less than one part in 2^52. A draw looks at every item whichever it picks, so that the time taken
 * does not tell which.
 */
export class WeightedList<T> {
  readonly items: readonly T[];
  /** Of the weights up to and with each item's. */
  readonly #sums: Float64Array;

  /** @param weightOf a non-negative safe integer. */
  constructor(items: readonly T[], weightOf: (item: T) => number) {
    this.items = items;
    const weights = items.map(weightOf);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#sums = runningSums(total === 0 ? weights.map(() => 1) : weights);
  }

  /** One item; undefined if there are none. */
  draw(random: Random): T | undefined {
    const total = this.#sums.at(-1);
    if (total === undefined) return undefined;
    const draw = randomBelowSafe(random, total);
    let index = 0;
    for (const sum of this.#sums) index += Number(sum <= draw);
    return this.items[index];
  }

  /** One of those that fit, by weight among them; undefined if none does. */
  drawFitting(random: Random, fits: (item: T) => boolean): T | undefined {
    for (let i = 0; i < TRIES; i++) {
      const item = this.draw(random);
      if (item !== undefined && fits(item)) return item;
    }
    const weightOf = new Map(this.items.map((item, i) => [item, this.#weightAt(i)]));
    return new WeightedList(this.items.filter(fits), (item) => weightOf.get(item) ?? 0).draw(random);
  }

  #weightAt(index: number): number {
    return (this.#sums[index] ?? 0) - (this.#sums[index - 1] ?? 0);
  }
}

/** Scaled down by a power of two where the last would not be a safe integer. */
function runningSums(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = total < RANGE ? 1 : 2 ** Math.ceil(Math.log2(total / RANGE) + 1);
  let sum = 0;
  return Float64Array.from(weights, (weight) => (sum += Math.floor(weight / scale)));
}

/** An unbiased integer in [0, bound), 1 ≤ bound < 2^53, by rejection. */
function randomBelowSafe(random: Random, bound: number): number {
  const limit = RANGE - (RANGE % bound);
  for (;;) {
    const view = new DataView(randomBytes(random, 8).buffer);
    const value = (view.getUint32(0) >>> 11) * 2 ** 32 + view.getUint32(4);
    if (value < limit) return value % bound;
  }
}
