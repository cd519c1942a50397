import { beforeEach, expect, test } from "vitest";
import { SignalDesk } from "./signal-desk.ts";
import type { Link } from "../link/link.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const answer = () => Promise.resolve(new Uint8Array(1));
/** Links are told apart, and nothing else is asked of them. */
const [one, other] = [{}, {}] as unknown as [Link, Link];

let clock: VirtualClock;
let desk: SignalDesk;
beforeEach(() => {
  clock = new VirtualClock();
  desk = new SignalDesk(answer, clock);
});

/** How many of so many signals, each of which leaves at once, find a place. */
function taken(link: Link, signals: number): number {
  const places = Array.from({ length: signals }, () => {
    const place = desk.place(link);
    place?.leave();
    return place;
  });
  return places.filter((place) => place !== undefined).length;
}

test("eight of a link are answered at a time, whatever others do", () => {
  const places = Array.from({ length: 9 }, () => desk.place(one));
  expect(places.filter((place) => place !== undefined)).toHaveLength(8);
  expect(desk.place(other)).toBeDefined();
  places[0]?.leave();
  expect(desk.place(one)).toBeDefined();
});

test("a link brings 64 at once, and four in a second from then on", async () => {
  expect(taken(one, 100)).toBe(64);
  await clock.advance(1000);
  expect(taken(one, 100)).toBe(4);
  expect(taken(other, 100)).toBe(64);
});

test("who answers nothing has no places", () => {
  expect(new SignalDesk(undefined, clock).place(one)).toBeUndefined();
});
