import { expect, test } from "vitest";
import type { RelayId } from "../../packages/onion-core/src/crypto/ids.ts";
import { heaviestTenth, Load, loadRatio } from "./load.ts";

const [A, B] = ["a", "b"] as [RelayId, RelayId];

function loadOf(circuitsA: number, circuitsB: number): Load {
  const load = new Load();
  load.expect(
    new Map([
      [A, 0.75],
      [B, 0.25],
    ]),
    circuitsA + circuitsB,
  );
  for (let i = 0; i < circuitsA; i++) load.used(A);
  for (let i = 0; i < circuitsB; i++) load.used(B);
  return load;
}

test("load is told next to what the weight lets expect", () => {
  const { record } = loadOf(60, 40);
  expect(record.get(A)).toEqual({ expected: 75, actual: 60 });
  expect(loadRatio(record, 0, 1)).toBe(60 / 75);
  expect(loadRatio(record, 0.99, 1)).toBe(40 / 25);
});

test("relays that few circuits are expected for are left out", () => {
  const { record } = loadOf(60, 40);
  expect(loadRatio(record, 0.99, 50)).toBe(60 / 75);
  expect(loadRatio(record, 0.5, 1000)).toBeNaN();
});

test("what two batches brought adds up to what both would have brought", () => {
  const whole = loadOf(60, 40);
  whole.add(loadOf(15, 5).record);
  expect(whole.record).toEqual(loadOf(75, 45).record);
});

test("the heaviest tenth: its weight and what it carries", () => {
  expect(heaviestTenth(loadOf(60, 40).record)).toEqual({ weight: 0.75, load: 0.6 });
});
