import { expect, test } from "vitest";
import { cpuSecondsIn, peakMibIn, usageOf } from "./usage.ts";

test("processor time is read whatever the program is called", () => {
  const stat = "42 (a ) b) S 1 42 42 0 -1 4194560 9 0 0 0 150 75 0 0 20 0 1 0 100 1000 10";
  expect(cpuSecondsIn(stat)).toBe(2.25);
});

test("peak memory is read from status, and is none where it is not told", () => {
  expect(peakMibIn("Name:\tnode\nVmPeak:\t  9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n")).toBe(2);
  expect(peakMibIn("Name:\tnode\n")).toBeNaN();
});

test.runIf(process.platform === "linux")("this process has used something", () => {
  const { cpuSeconds, peakMib } = usageOf(process.pid);
  expect(cpuSeconds).toBeGreaterThan(0);
  expect(peakMib).toBeGreaterThan(10);
});
