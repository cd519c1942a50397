import { expect, test } from "vitest";
import { median, quantile } from "./stats.ts";

test("a quantile is one of the values, whatever their order", () => {
  const values = [5, 1, 4, 2, 3];
  expect(quantile(values, 0)).toBe(1);
  expect(median(values)).toBe(3);
  expect(quantile(values, 0.95)).toBe(5);
  expect(quantile(values, 1)).toBe(5);
  expect(values).toEqual([5, 1, 4, 2, 3]);
});

test("of 200 values, ten are above the 95th percentile or are it", () => {
  const values = Array.from({ length: 200 }, (_, i) => i);
  expect(quantile(values, 0.95)).toBe(190);
});

test("there is none of nothing", () => {
  expect(() => median([])).toThrow("no values");
});
