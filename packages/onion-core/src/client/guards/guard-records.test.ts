import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeGuards, encodeGuards, type GuardRecord } from "./guard-records.ts";
import { testId } from "../../testing/directory-fixtures.ts";

const NOW = 1_800_000_000_000;

const date = fc.integer({ min: 0, max: NOW });
const records = fc
  .array(fc.record({ addedOn: date, unlisted: fc.option(date), on: fc.option(date) }), { maxLength: 60 })
  .map((fields) =>
    fields.map(({ addedOn, unlisted, on }, n): GuardRecord => ({
      id: testId(n),
      addedOn,
      unlistedSince: unlisted ?? undefined,
      confirmed: on === null ? undefined : { on, rank: n + 1 },
    })),
  );

const line = (n: number, rest: string): string => `${testId(n)} ${rest}`;
const text = (...lines: readonly string[]): string => ["tabor-guards 1", ...lines, ""].join("\n");
const idsIn = (stored: string): readonly string[] => decodeGuards(stored, NOW).map(({ id }) => id);

test("what was kept is read again, and is at most 16 KiB", () => {
  fc.assert(
    fc.property(records, (kept) => {
      expect(decodeGuards(encodeGuards(kept), NOW)).toEqual(kept);
      expect(encodeGuards(kept).length).toBeLessThan(16_384);
    }),
  );
});

test("each line stands for itself: damage costs the guards that it hits, and no others", () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.string({ minLength: 1, maxLength: 3 }), (kept, at, put) => {
      const whole = encodeGuards(kept);
      const start = whole.indexOf("\n") + 1;
      const place = start + (at % Math.max(1, whole.length - start));
      const damaged = whole.slice(0, place) + put + whole.slice(place + 1);
      const left = decodeGuards(damaged, NOW);
      // One character may join two lines, or say of one what another says.
      expect(left.length).toBeGreaterThanOrEqual(kept.length - 3);
      expect(left.length).toBeLessThanOrEqual(60);
    }),
  );
});

test.each([
  ["another version", "tabor-guards 2\n" + line(1, "1 - - -")],
  ["nothing", ""],
  ["anything else", '["AAAA"]'],
  ["a line with too few fields", text(line(1, "1 - -"))],
  ["a line with too many fields", text(line(1, "1 - - - -"))],
  ["no date of its sampling", text(line(1, "- - - -"))],
  ["a number that is none", text(line(1, "1e3 - - -"), line(2, "01 - - -"), line(3, "-1 - - -"))],
  ["a number beyond all dates", text(line(1, "9999999999999999 - - -"))],
  ["a confirmation without a rank", text(line(1, "1 - 2 -"), line(2, "1 - - 3"))],
  ["no identity", text("nonsense 1 - - -", `${"A".repeat(44)} 1 - - -`)],
])("%s is no guard", (_, stored) => {
  expect(decodeGuards(stored, NOW)).toEqual([]);
});

test("of what is said twice the first holds, and after sixty no more is read", () => {
  const twice = text(line(1, "1 - 5 1"), line(1, "2 - - -"), line(2, "3 - 6 1"), line(3, "4 - - -"));
  expect(idsIn(twice)).toEqual([testId(1), testId(3)]);
  const many = text(...Array.from({ length: 100_000 }, (_, n) => line(n, "1 - - -")));
  expect(idsIn(many)).toHaveLength(60);
});

test("dates of a clock that went wrong are now", () => {
  const future = String(NOW + 1);
  expect(decodeGuards(text(line(1, `${future} ${future} ${future} 1`)), NOW)).toEqual([
    { id: testId(1), addedOn: NOW, unlistedSince: NOW, confirmed: { on: NOW, rank: 1 } },
  ]);
});
