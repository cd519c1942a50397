import { VirtualClock } from "@tabor/onion-core/testing";
import { beforeEach, expect, test } from "vitest";
import { Ending } from "./ending.ts";

let clock: VirtualClock;
let events: string[];
let ending: Ending;
beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  ending = new Ending({
    clock,
    print: (line) => void events.push(line),
    exit: (code) => void events.push(`exit ${String(code)}`),
  });
  ending.onEnd(() => void events.push("first closed"));
  ending.onEnd(() => void events.push("second closed"));
});

/** Has something to wait for. @returns what ends it. */
function waitsFor(): () => void {
  let done: () => void = () => undefined;
  ending.beforeEnd(
    (hurry) =>
      new Promise((resolve) => {
        done = resolve;
        if (hurry.aborted) resolve();
        hurry.addEventListener("abort", () => {
          resolve();
        });
      }),
  );
  return () => {
    done();
  };
}
const CLOSED = ["second closed", "first closed"];

test("what runs may end first, then all is closed, last first", async () => {
  const end = waitsFor();
  ending.ask();
  await clock.advance(60_000);
  expect(events).toEqual([]);
  end();
  await clock.advance(0);
  expect(events).toEqual([...CLOSED, "exit 0"]);
});

test("the second time somebody asks, nothing is waited for; an echo of the first is no second", async () => {
  waitsFor();
  ending.ask();
  await clock.advance(999);
  ending.ask();
  await clock.advance(10);
  expect(events).toEqual([]);
  ending.ask();
  await clock.advance(0);
  expect(events).toEqual([...CLOSED, "exit 0"]);
});

test("who must end now, or failed, does not wait", async () => {
  waitsFor();
  ending.fail(new Error("The port is taken."));
  ending.askNow();
  await clock.advance(0);
  expect(events).toEqual([...CLOSED, "The port is taken.", "exit 1"]);
});

test("closing that takes too long is cut short", async () => {
  ending.onEnd(() => new Promise(() => undefined));
  ending.askNow();
  await clock.advance(9_999);
  expect(events).toEqual([]);
  await clock.advance(1);
  expect(events).toEqual(["exit 1"]);
});
