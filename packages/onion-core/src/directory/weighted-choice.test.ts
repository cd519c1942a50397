import fc from "fast-check";
import { expect, test } from "vitest";
import type { Random } from "../ports/random.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { WeightedList } from "./weighted-choice.ts";

/** Draws these 53-bit values, one after another. */
function drawing(...values: readonly number[]): Random {
  const left = values.map(BigInt);
  return {
    fill: (target) => {
      const value = left.shift() ?? 0n;
      const view = new DataView(target.buffer);
      view.setUint32(0, Number(value >> 32n) << 11);
      view.setUint32(4, Number(value & 0xffff_ffffn));
      return target;
    },
  };
}

const HUGE = Number.MAX_SAFE_INTEGER;

test("each item owns as many draws as it weighs, exactly, up to 2^53", () => {
  const weights = [2 ** 52, 1, 0, 2 ** 51, 7];
  const list = new WeightedList([0, 1, 2, 3, 4], (i) => weights[i] ?? 0);
  const chosenAt = (draw: number): number | undefined => list.draw(drawing(draw));
  expect([0, 2 ** 52 - 1].map(chosenAt)).toEqual([0, 0]);
  expect(chosenAt(2 ** 52)).toBe(1);
  expect([2 ** 52 + 1, 2 ** 52 + 2 ** 51].map(chosenAt)).toEqual([3, 3]);
  expect([2 ** 52 + 2 ** 51 + 1, 2 ** 52 + 2 ** 51 + 7].map(chosenAt)).toEqual([4, 4]);
});

test("sums beyond 2^53 are rounded by next to nothing", () => {
  const random = new SeededRandom(1);
  const list = new WeightedList(["a", "b", "c", "d"], () => HUGE);
  const counts = new Map<string | undefined, number>();
  for (let i = 0; i < 4000; i++) {
    const item = list.draw(random);
    counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  for (const item of list.items) expect(Math.abs((counts.get(item) ?? 0) - 1000)).toBeLessThan(110);
});

test("draws that would favour the first items are drawn again", () => {
  const limit = 2 ** 53 - (2 ** 53 % 3);
  const list = new WeightedList(["a", "b", "c"], () => 1);
  expect(list.draw(drawing(limit - 1))).toBe("c");
  expect(list.draw(drawing(limit, 1))).toBe("b");
});

test("uniform if all weights are zero; nothing of nothing", () => {
  const list = new WeightedList(["a", "b", "c"], () => 0);
  expect([0, 1, 2].map((draw) => list.draw(drawing(draw)))).toEqual(list.items);
  expect(new WeightedList<string>([], () => 1).draw(drawing())).toBeUndefined();
});

test("of those that fit one is drawn by weight among them, however few they are", () => {
  const weights = fc.array(fc.constantFrom(0, 1, 5, 1000), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(weights, fc.nat(0xffff), fc.nat(), (all, mask, seed) => {
      const list = new WeightedList(
        all.map((weight, i) => ({ weight, i })),
        ({ weight }) => weight,
      );
      const fits = ({ i }: { i: number }): boolean => (mask & (1 << i)) !== 0;
      const fitting = list.items.filter(fits);
      const drawn = list.drawFitting(new SeededRandom(seed), fits);
      if (drawn === undefined) expect(fitting).toEqual([]);
      else expect(fitting).toContain(drawn);
      if (drawn?.weight === 0) expect(fitting.every(({ weight }) => weight === 0)).toBe(true);
    }),
  );
  const random = new SeededRandom(2);
  const list = new WeightedList([1, 3, 1_000_000], (weight) => weight);
  let threes = 0;
  for (let i = 0; i < 4000; i++) threes += Number(list.drawFitting(random, (n) => n < 10) === 3);
  expect(Math.abs(threes - 3000)).toBeLessThan(110);
});
