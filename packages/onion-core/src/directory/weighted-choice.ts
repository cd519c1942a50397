import { randomBytes, type Random } from "../ports/random.ts";

const RANGE = 1n << 64n;

/**
 * One of `items` with a probability in proportion to its weight, a non-negative safe integer; uniformly if all
 * weights are zero; undefined if there are no items. Exact, since sums exceed 2^53; and it looks at every item whichever
 * it picks, so that the time taken does not tell which.
 */
export function chooseWeighted<T>(
  random: Random,
  items: readonly T[],
  weightOf: (item: T) => number,
): T | undefined {
  const weights = items.map((item) => BigInt(weightOf(item)));
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n && items.length > 0) return chooseWeighted(random, items, () => 1);
  if (total === 0n) return undefined;
  const draw = randomBelowBig(random, total);
  let sum = 0n;
  let index = 0;
  for (const weight of weights) {
    sum += weight;
    index += Number(sum <= draw);
  }
  return items[index];
}

/** Draws up to `limit` items without putting back, each time by weight among those that are left. */
export function* weightedOrder<T>(
  random: Random,
  items: readonly T[],
  { weightOf, limit }: { weightOf: (item: T) => number; limit: number },
): Generator<T, void> {
  let left = items;
  for (let i = 0; i < limit; i++) {
    const chosen = chooseWeighted(random, left, weightOf);
    if (chosen === undefined) return;
    yield chosen;
    left = left.filter((item) => item !== chosen);
  }
}

/** An unbiased integer in [0, bound), 1 ≤ bound ≤ 2^64, by rejection. */
function randomBelowBig(random: Random, bound: bigint): bigint {
  const limit = RANGE - (RANGE % bound);
  for (;;) {
    const value = new DataView(randomBytes(random, 8).buffer).getBigUint64(0);
    if (value < limit) return value % bound;
  }
}
