import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeBandwidthWeights, WEIGHT_SCALE, type BandwidthWeights } from "./bandwidth-weights.ts";

interface Case {
  name: string;
  G: number;
  M: number;
  E: number;
  D: number;
  weights?: BandwidthWeights & Record<string, number>;
}
const file = new URL("../../test-vectors/bandwidth-weights.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

describe("computeBandwidthWeights", () => {
  test("the file holds all published cases", () => {
    expect(cases).toHaveLength(10);
    expect(cases.filter(({ weights }) => weights)).toHaveLength(8);
  });

  test.each(cases)("published case: $name", ({ weights, ...sums }) => {
    const computed = computeBandwidthWeights(sums);
    if (!weights) return expect(computed).toBeUndefined();
    const { Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed } = weights;
    return expect(computed).toEqual({ Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed });
  });

  test("any weights lie in the scale, and a kind's weights do not exceed the whole", () => {
    const sum = fc.integer({ min: 1, max: 2 ** 45 });
    const sums = fc.record({ G: sum, M: sum, E: sum, D: sum });
    fc.assert(
      fc.property(sums, (kinds) => {
        const weights = computeBandwidthWeights(kinds);
        if (!weights) return;
        for (const weight of Object.values(weights)) expect(weight).toSatisfy(isInScale);
        expect(weights.Wgg + weights.Wmg).toBeLessThanOrEqual(WEIGHT_SCALE);
        expect(weights.Wee + weights.Wme).toBeLessThanOrEqual(WEIGHT_SCALE);
        expect(weights.Wgd + weights.Wmd + weights.Wed).toBeLessThanOrEqual(WEIGHT_SCALE);
      }),
    );
  });
});

function isInScale(weight: number): boolean {
  return Number.isInteger(weight) && weight >= 0 && weight <= WEIGHT_SCALE;
}
