import { expect, test } from "vitest";
import { batchSizes, merged } from "./batches.ts";
import { simulate } from "./simulate.ts";

const options = {
  population: { nodes: 60, exitShare: 0.3, tabs: 20, churn: true },
  ...{ days: 1, seed: 7 },
};

test("batches have the same size however many processors there are, and all clients are in one", () => {
  expect(batchSizes(10_000)).toEqual([5000, 5000]);
  expect(batchSizes(5001)).toEqual([5000, 1]);
  expect(batchSizes(1)).toEqual([1]);
});

test("a batch is the same whenever it is simulated; another one has other people among the same relays", () => {
  const first = simulate({ ...options, clients: 12, batch: 0 });
  const other = simulate({ ...options, clients: 12, batch: 1 });
  expect(simulate({ ...options, clients: 12, batch: 0 })).toEqual(first);
  expect(other.clients).not.toEqual(first.clients);
  expect(other.daily).toEqual(first.daily);
});

test("of the batches together there are as many clients, circuits and loads as of each", () => {
  const parts = [0, 1].map((batch) => simulate({ ...options, clients: 5, batch }));
  const whole = merged(parts);
  const circuits = parts.reduce((sum, { circuitEnds }) => sum + circuitEnds.length, 0);
  expect(whole.clients).toHaveLength(10);
  expect(whole.circuitEnds).toHaveLength(circuits);
  const carried = [...whole.loads.exit.values()].reduce((sum, { actual }) => sum + actual, 0);
  expect(carried).toBe(circuits);
});
