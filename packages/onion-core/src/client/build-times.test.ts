import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BuildTimes, paretoQuantile } from "./build-times.ts";
import { randomFraction } from "../ports/random.ts";
import { SeededRandom } from "../testing/seeded-random.ts";

const SECOND = 1000;

function seen(...times: readonly number[]): BuildTimes {
  const all = new BuildTimes();
  for (const time of times) all.built(time);
  return all;
}

function many<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

describe("the Pareto distribution", () => {
  test("is found again from times that were drawn from it", () => {
    const random = new SeededRandom(1);
    for (const [scale, shape] of [
      [500, 2],
      [2000, 3],
    ] as const) {
      const times = Array.from({ length: 1000 }, () => scale / (1 - randomFraction(random)) ** (1 / shape));
      for (const share of [0.5, 0.8, 0.95]) {
        const right = scale / (1 - share) ** (1 / shape);
        expect(Math.abs(paretoQuantile(times)(share) / right - 1)).toBeLessThan(0.25);
      }
    }
  });

  test("has its scale at the mean of the ten fullest bins, the lower ones of those that are equally full", () => {
    const quantile = paretoQuantile([...many(3, 101), ...many(1, 119), 5000]);
    // Three in the bin of 105, one each in those of 115 and 5005.
    expect(quantile(0)).toBeCloseTo((3 * 105 + 115 + 5005) / 5);
    const equal = paretoQuantile(Array.from({ length: 20 }, (_, i) => 1000 + 10 * i));
    expect(equal(0)).toBeCloseTo(1050);
  });

  test("of times that are all the same ends there", () => {
    expect(paretoQuantile(many(100, 105))(0.99)).toBeCloseTo(105);
  });

  test("never goes down, and stays finite", () => {
    const times = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, (all) => {
        const quantile = paretoQuantile(all);
        const values = [0, 0.5, 0.8, 0.99].map(quantile);
        expect(values.every(Number.isFinite)).toBe(true);
        expect([...values].sort((a, b) => a - b)).toEqual(values);
      }),
    );
  });
});

describe("how long it is worth to wait", () => {
  test("is a guess until a hundred times are known", () => {
    expect(seen(...many(99, 3000))).toMatchObject({ isLearned: false, use: 15 * SECOND, close: 60 * SECOND });
    expect(seen(...many(100, 3000)).isLearned).toBe(true);
  });

  test("is then what four of five circuits take, no longer than any took, and not below a second", () => {
    const random = new SeededRandom(2);
    const times = Array.from({ length: 1000 }, () => 2000 / (1 - randomFraction(random)) ** (1 / 3));
    const { use, close } = seen(...times);
    const late = times.filter((time) => time > use).length / times.length;
    expect(late).toBeGreaterThan(0.1);
    expect(late).toBeLessThan(0.3);
    expect(close).toBe(60 * SECOND);
    expect(seen(...many(100, 40)).use).toBe(SECOND);
    expect(seen(...many(50, 2000), ...many(50, 2010)).use).toBe(2010);
  });

  test("closes late circuits after what nearly all take, where that is more than a minute", () => {
    const { close } = seen(...many(50, 50 * SECOND), ...many(50, 59 * SECOND));
    expect(close).toBeGreaterThan(60 * SECOND);
    expect(close).toBeLessThanOrEqual(2 * 59 * SECOND);
  });

  test("follows the last thousand times", () => {
    expect(seen(...many(1000, 9000), ...many(1000, 3000)).use).toBeLessThanOrEqual(3000);
  });

  test("is forgotten when eighteen of twenty circuits were late, and then doubles, up to a minute", () => {
    const times = seen(...many(100, 2000));
    const late = (count: number): void => {
      for (let i = 0; i < count; i++) times.outcome(true);
    };
    late(17);
    for (let i = 0; i < 3; i++) times.outcome(false);
    expect(times.isLearned).toBe(true);
    late(17);
    expect(times.isLearned).toBe(true);
    late(1);
    expect(times).toMatchObject({ isLearned: false, use: 15 * SECOND });
    late(18);
    expect(times.use).toBe(30 * SECOND);
    late(36);
    expect(times.use).toBe(60 * SECOND);
  });
});
