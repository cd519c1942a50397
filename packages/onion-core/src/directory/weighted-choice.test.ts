import fc from "fast-check";
import { expect, test } from "vitest";
import type { Random } from "../ports/random.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { chooseWeighted, weightedOrder } from "./weighted-choice.ts";

/** Draws these 64-bit values, one after another. */
function drawing(...values: readonly bigint[]): Random {
  const left = [...values];
  return {
    fill: (target) => {
      new DataView(target.buffer).setBigUint64(0, left.shift() ?? 0n);
      return target;
    },
  };
}

const HUGE = Number.MAX_SAFE_INTEGER;

test("each item owns as many draws as it weighs, exactly, also beyond 2^53", () => {
  const weights = [HUGE, 1, 0, HUGE, HUGE];
  const chosenAt = (draw: bigint): number | undefined => {
    const indexes = weights.map((_, i) => i);
    return chooseWeighted(drawing(draw), indexes, (i) => weights[i] ?? 0);
  };
  const huge = BigInt(HUGE);
  expect([0n, huge - 1n].map(chosenAt)).toEqual([0, 0]);
  expect(chosenAt(huge)).toBe(1);
  expect([huge + 1n, 2n * huge].map(chosenAt)).toEqual([3, 3]);
  expect([2n * huge + 1n, 3n * huge].map(chosenAt)).toEqual([4, 4]);
});

test("draws that would favour the first items are drawn again", () => {
  const limit = (1n << 64n) - ((1n << 64n) % 3n);
  const choose = (random: Random): string | undefined => chooseWeighted(random, ["a", "b", "c"], () => 1);
  expect(choose(drawing(limit - 1n))).toBe("c");
  expect(choose(drawing(limit, 1n))).toBe("b");
});

test("uniform if all weights are zero; nothing of nothing", () => {
  const items = ["a", "b", "c"];
  expect([0n, 1n, 2n].map((draw) => chooseWeighted(drawing(draw), items, () => 0))).toEqual(items);
  expect(chooseWeighted<string>(drawing(), [], () => 1)).toBeUndefined();
});

test("an order holds each item once, up to the limit, and those of weight zero last", () => {
  const weights = fc.array(fc.constantFrom(0, 1, 5, HUGE), { maxLength: 12 });
  fc.assert(
    fc.property(weights, fc.nat(14), fc.nat(), (all, limit, seed) => {
      const items = all.map((weight, i) => ({ weight, i }));
      const order = [
        ...weightedOrder(new SeededRandom(seed), items, { weightOf: ({ weight }) => weight, limit }),
      ];
      expect(order).toHaveLength(Math.min(limit, items.length));
      expect(new Set(order).size).toBe(order.length);
      const firstZero = order.findIndex(({ weight }) => weight === 0);
      if (firstZero >= 0) expect(order.slice(firstZero).every(({ weight }) => weight === 0)).toBe(true);
    }),
  );
});
