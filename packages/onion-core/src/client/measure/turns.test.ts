import { beforeEach, expect, test } from "vitest";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import { Turns } from "./turns.ts";

let clock: VirtualClock;
let begun: string[];
let most: number;
/** What ends the acts that are under way, by key; each is due again after a second. */
let ends: Map<string, () => void>;
let turns: Turns<string>;
beforeEach(() => {
  clock = new VirtualClock();
  begun = [];
  ends = new Map();
  most = 0;
  turns = new Turns({
    most: 2,
    act: (key) => {
      begun.push(key);
      most = Math.max(most, ends.size + 1);
      return new Promise((resolve) => {
        ends.set(key, () => {
          ends.delete(key);
          resolve(1000);
        });
      });
    },
    clock,
  });
});

async function end(...keys: readonly string[]): Promise<void> {
  for (const key of keys) ends.get(key)?.();
  await clock.settle();
}

test("each has its turn, and no more than so many at a time", async () => {
  turns.keep(new Set(["a", "b", "c"]));
  expect(begun).toEqual(["a", "b"]);
  await end("a");
  expect(begun).toEqual(["a", "b", "c"]);
  await end("b", "c");
  await clock.advance(999);
  expect(begun).toHaveLength(3);
  await clock.advance(1);
  expect(begun.slice(3)).toEqual(["a", "b"]);
  expect(most).toBe(2);
});

test("who is kept no longer has none, and is not waited for", async () => {
  turns.keep(new Set(["a", "b"]));
  turns.keep(new Set(["b"]));
  await end("a", "b");
  await clock.advance(1000);
  expect(begun).toEqual(["a", "b", "b"]);
  await end("b");
  turns.keep(new Set());
  await clock.advance(5000);
  expect(begun).toHaveLength(3);
  expect(clock.waiting).toBe(0);
});

test("who is hurried is next, and not twice at a time", async () => {
  turns.keep(new Set(["a", "b"]));
  turns.hurry("a");
  turns.hurry("nobody");
  expect(begun).toEqual(["a", "b"]);
  await end("a", "b");
  turns.hurry("b");
  expect(begun).toEqual(["a", "b", "b"]);
});

test("nothing begins after the end", async () => {
  turns.keep(new Set(["a"]));
  turns.close();
  await end("a");
  await clock.advance(5000);
  expect(begun).toEqual(["a"]);
});
