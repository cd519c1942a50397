import type { NatClass } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { expect, test } from "vitest";
import { NatWatch } from "./nat-watch.ts";

const HOUR = 3_600_000;

test("it looks at once and every hour, and tells what has changed", async () => {
  const clock = new VirtualClock();
  const told: NatClass[] = [];
  const answers: NatClass[] = ["hard", "hard", "easy"];
  let looks = 0;
  const find = () => Promise.resolve(answers[looks++] ?? "unknown");
  const watch = new NatWatch({ find, clock, changed: (nat) => told.push(nat) });
  expect(watch.current).toBe("unknown");
  expect(await watch.found).toBe("hard");
  await clock.advance(HOUR);
  expect(told).toEqual(["hard"]);
  await clock.advance(HOUR);
  expect([told, watch.current, looks]).toEqual([["hard", "easy"], "easy", 3]);
  watch.close();
  await clock.advance(5 * HOUR);
  expect(looks).toBe(3);
});
