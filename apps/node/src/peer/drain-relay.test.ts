import { VirtualClock } from "@tabor/onion-core/testing";
import type { RelayStats } from "@tabor/onion-core";
import { beforeEach, expect, test } from "vitest";
import { drainRelay } from "./drain-relay.ts";

let clock: VirtualClock;
let events: string[];
let circuits: number;
let hurry: AbortController;
beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  circuits = 2;
  hurry = new AbortController();
});

/** @returns after how many milliseconds of 60 seconds it has drained. */
async function drains(): Promise<number | undefined> {
  const relay = {
    drain: () => void events.push("takes no more"),
    get stats() {
      return { circuits } as RelayStats;
    },
  };
  const directory = { close: () => void events.push("left") };
  let at: number | undefined;
  const drained = drainRelay({ relay, directory }, { ms: 30_000, hurry: hurry.signal, clock });
  void drained.then(() => (at = clock.monotonic()));
  await clock.advance(60_000);
  return at;
}

test("ends with the last circuit", async () => {
  clock.after(5_000, () => (circuits = 1));
  clock.after(10_000, () => (circuits = 0));
  expect(await drains()).toBeCloseTo(10_000, -3);
  expect(events).toEqual(["takes no more", "left"]);
});

test("ends at once where there are none", async () => {
  circuits = 0;
  expect(await drains()).toBe(0);
});

test("ends when the time is over", async () => {
  expect(await drains()).toBe(30_000);
});

test("ends when somebody is in a hurry", async () => {
  clock.after(1_234, () => {
    hurry.abort();
  });
  expect(await drains()).toBe(1_234);
});
