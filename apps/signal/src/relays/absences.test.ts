import type { RelayId } from "@tabor/onion-core";
import { expect, it } from "vitest";
import { Absences } from "./absences.ts";

const relay = (number: number) => String(number).padStart(43, "A") as RelayId;
const MINUTE = 60_000;

it("a short absence costs its own length", () => {
  const absences = new Absences();
  expect(absences.since(relay(1), 1000)).toBe(1000);
  absences.left(relay(1), { since: 1000, leftAt: 60 * MINUTE });
  expect(absences.since(relay(1), 70 * MINUTE)).toBe(1000 + 10 * MINUTE);
  expect(absences.since(relay(2), 70 * MINUTE)).toBe(70 * MINUTE);
});

it("a long one costs everything, and none gains anything", () => {
  const absences = new Absences();
  absences.left(relay(1), { since: 1000, leftAt: 60 * MINUTE });
  expect(absences.since(relay(1), 70 * MINUTE + 1)).toBe(70 * MINUTE + 1);
  // A clock that was set back.
  expect(absences.since(relay(1), 50 * MINUTE)).toBe(1000);
});

it("remembers the last 10,000 of ten minutes", () => {
  const absences = new Absences();
  for (let i = 0; i <= 10_000; i++) absences.left(relay(i), { since: 0, leftAt: MINUTE });
  expect(absences.since(relay(0), 2 * MINUTE)).toBe(2 * MINUTE);
  expect(absences.since(relay(1), 2 * MINUTE)).toBe(MINUTE);
});
