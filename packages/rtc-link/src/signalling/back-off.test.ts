import { SeededRandom } from "@tabor/onion-core/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { backOff } from "./back-off.ts";

it("doubles from 1 s to 60 s and spreads over the upper half", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(), (failures, seed) => {
      const longest = Math.min(60_000, 1000 * 2 ** (failures - 1));
      const wait = backOff(failures, new SeededRandom(seed));
      expect(wait).toBeGreaterThan(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }),
  );
});
