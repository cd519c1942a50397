import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testId } from "../testing/directory-fixtures.ts";
import {
  decodeMeasurements,
  encodeMeasurements,
  MAX_MEASUREMENTS,
  standingOf,
  type Measurements,
} from "./measurements.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

const anyRelay = fc.record({
  answers: fc.boolean(),
  results: fc.array(fc.record({ rate: fc.nat(0xffff_fffe), at: fc.nat(2 ** 53 - 1) }), {
    maxLength: MAX_MEASUREMENTS,
  }),
});
const anyMeasurements = fc
  .record({ writtenAt: fc.nat(2 ** 53 - 1), relays: fc.array(anyRelay, { maxLength: 6 }) })
  .map(({ writtenAt, relays }): Measurements => ({
    writtenAt,
    relays: new Map(relays.map((relay, i) => [testId(i), relay])),
  }));

test("what was written is read again", () => {
  fc.assert(
    fc.property(anyMeasurements, (measurements) => {
      expect(decodeMeasurements(encodeMeasurements(measurements))).toEqual(measurements);
    }),
  );
});

const LINE = `${testId(1)} answers 500@${String(NOW)}`;
const HEADER = `tabor-measurements 1 ${String(NOW)}`;

test.each([
  ["nothing", ""],
  ["another version", `tabor-measurements 2 ${String(NOW)}\n`],
  ["a line that is not whole", `${HEADER}\n${LINE}`],
  ["a relay that comes twice", `${HEADER}\n${LINE}\n${LINE}\n`],
  ["a relay that is none", `${HEADER}\n${"?".repeat(43)} answers -\n`],
  ["another state", `${HEADER}\n${testId(1)} perhaps -\n`],
  ["more after a line", `${HEADER}\n${LINE} \n`],
  ["a rate that is none", `${HEADER}\n${testId(1)} answers -5@${String(NOW)}\n`],
  ["a rate that no vote holds", `${HEADER}\n${testId(1)} answers 4294967295@${String(NOW)}\n`],
  ["six results", `${HEADER}\n${testId(1)} answers ${Array(6).fill("5@5").join(",")}\n`],
])("%s is refused", (_, text) => {
  expect(() => decodeMeasurements(text)).toThrow(expect.objectContaining({ code: "malformed" }));
});

test("every truncation is refused, but one after a line", () => {
  const text = `${HEADER}\n${LINE}\n${testId(2)} silent -\n`;
  for (let end = 0; end < text.length; end++) {
    const read = () => decodeMeasurements(text.slice(0, end));
    if (text[end - 1] === "\n") expect(read().relays.size).toBeLessThan(2);
    else expect(read).toThrow(expect.objectContaining({ code: "malformed" }));
  }
});

describe("the standing of a relay", () => {
  const said: Measurements = {
    writtenAt: NOW,
    relays: new Map([
      [testId(1), { answers: true, results: [50, 900, 40, 60].map((rate) => ({ rate, at: NOW - HOUR })) }],
      [testId(2), { answers: false, results: [{ rate: 70, at: NOW - 24 * HOUR }] }],
    ]),
  };

  test("is the second best of the results of a day", () => {
    expect(standingOf(said, testId(1), NOW)).toEqual({ answers: true, measured: 60 });
    expect(standingOf(said, testId(2), NOW)).toEqual({ answers: false, measured: undefined });
  });

  test("is the best of one or two, for either may have been beside a slow one", () => {
    const of = (...rates: number[]) => {
      const results = rates.map((rate) => ({ rate, at: NOW }));
      const relays = new Map([[testId(1), { answers: true, results }]]);
      return standingOf({ writtenAt: NOW, relays }, testId(1), NOW).measured;
    };
    expect([of(9), of(5, 9), of(9, 5), of(1, 9, 5)]).toEqual([9, 9, 9, 5]);
  });

  test("of a relay that nobody has tried yet is that it does not answer", () => {
    expect(standingOf(said, testId(3), NOW)).toEqual({ answers: false, measured: undefined });
  });

  test("says nothing of who answers once the measurer is away, and still what was measured", () => {
    const later = NOW + 2 * 60_000;
    expect(standingOf(said, testId(1), later)).toEqual({ answers: undefined, measured: 60 });
    expect(standingOf(said, testId(3), later)).toEqual({ answers: undefined, measured: undefined });
    expect(standingOf(undefined, testId(1), NOW)).toEqual({ answers: undefined, measured: undefined });
  });
});
