import type { Clock } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { paced } from "./paced.ts";

function setUp() {
  let now = 0;
  const timers = new Set<{ at: number; fn: () => void }>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms, fn) => {
      const timer = { at: now + ms, fn };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    soon: () => undefined,
  };
  const advance = (ms: number): void => {
    now += ms;
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer);
      timer.fn();
    }
  };
  const seen: number[] = [];
  return { seen, advance, timers, ...paced<number>(clock, 100, (value) => seen.push(value)) };
}

test("the first value comes at once, then the newest of each interval", () => {
  const { offer, advance, seen } = setUp();
  for (const value of [1, 2, 3]) offer(value);
  expect(seen).toEqual([1]);
  advance(100);
  expect(seen).toEqual([1, 3]);
  advance(100);
  expect(seen).toEqual([1, 3]);
  offer(4);
  expect(seen).toEqual([1, 3, 4]);
});

test("after stop nothing comes, not even what was waiting", () => {
  const { offer, stop, advance, seen, timers } = setUp();
  offer(1);
  offer(2);
  stop();
  offer(3);
  advance(1000);
  expect({ seen, timers: timers.size }).toEqual({ seen: [1], timers: 0 });
});
