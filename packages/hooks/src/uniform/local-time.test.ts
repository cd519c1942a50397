import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dateString, inUtc, namesZone, timeString } from "./local-time.ts";

describe("a date as text", () => {
  it.each([
    "2026-03-01",
    "2026",
    "2026-03-01T12:00Z",
    "2026-03-01T12:00+02:00",
    "Sun, 01 Mar 2026 12:00:00 GMT",
    "Mar 1 2026 12:00 UTC",
    "Mar 1 2026 12:00 EST",
    "Sun Mar 01 2026 12:00:00 GMT+0100 (Central European Standard Time)",
  ])("%s names its zone", (written) => {
    expect(namesZone(written)).toBe(true);
    expect(inUtc(written)).toBe(written);
  });

  it.each([
    ["2026-03-01T12:00", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01T12:00:01.5", "2026-03-01T12:00:01.500Z"],
    ["2026-03-01 12:00", "2026-03-01T12:00:00.000Z"],
    ["Mar 1, 2026", "2026-03-01T00:00:00.000Z"],
    ["3/1/2026 1:00 PM", "2026-03-01T13:00:00.000Z"],
  ])("%s is read as UTC", (written, expected) => {
    expect(new Date(inUtc(written)).toISOString()).toBe(expected);
  });

  it("is written as a machine in UTC writes it", () => {
    // Workers of vitest run in the machine's zone; this one is written down.
    const at = new Date(Date.UTC(2026, 2, 1, 4, 5, 6));
    expect(`${dateString(at)} ${timeString(at)}`).toBe(
      "Sun Mar 01 2026 04:05:06 GMT+0000 (Coordinated Universal Time)",
    );
    expect(dateString(new Date(Date.UTC(-1, 0, 1)))).toBe("Fri Jan 01 -0001");
  });

  it("survives being written and read", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), (date) => {
        const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
        expect(Date.parse(inUtc(`${dateString(whole)} ${timeString(whole)}`))).toBe(whole.getTime());
      }),
    );
  });
});
