import { expect, test } from "vitest";
import { costOf } from "./measure.ts";

test("what a GiB costs a process is the mean of those that carried it; the peak is the largest", () => {
  const before = new Map([
    ["a", { cpuSeconds: 1, peakMib: 80 }],
    ["b", { cpuSeconds: 2, peakMib: 90 }],
    ["client", { cpuSeconds: 0, peakMib: 10 }],
  ]);
  const after = new Map([
    ["a", { cpuSeconds: 3, peakMib: 100 }],
    ["b", { cpuSeconds: 6, peakMib: 95 }],
    ["client", { cpuSeconds: 99, peakMib: 999 }],
  ]);
  expect(costOf(["a", "b"], { before, after, mib: 512 })).toEqual({ cpuSecondsPerGib: 6, peakMib: 100 });
});
