import { expect, test } from "vitest";
import { DEFAULT_SETTINGS, fetchRules, readSettings, relayLimits } from "./settings.ts";
import { noTotals, readTotals } from "./totals.ts";

test("what was kept is read again", () => {
  const kept = {
    isOn: true,
    hasConsented: true,
    limits: {
      ...{ upload: 64, download: undefined, perDay: 0.5, perMonth: 10, circuits: 3 },
      ...{ hours: { from: 23, to: 5 }, onMetered: true, onBattery: true, keepAwake: true },
    },
    fetching: { isOn: true, hasConsented: true, rules: "reject *:80" },
  };
  expect(readSettings(kept)).toEqual(kept);
});

test("nothing is fetched for others unless the person has agreed to just that", () => {
  const rules = (fetching: unknown) => fetchRules(readSettings({ isOn: true, hasConsented: true, fetching }));
  expect(rules(undefined)).toBeUndefined();
  expect(rules({ isOn: true, rules: "accept *:*" })).toBeUndefined();
  expect(rules({ isOn: false, hasConsented: true })).toBeUndefined();
  expect(rules({ isOn: true, hasConsented: true, rules: 7 })).toBe("");
});

test.each([
  undefined,
  null,
  7,
  "on",
  {},
  { isOn: true },
  { isOn: "yes", hasConsented: 1, limits: "none" },
  { limits: { upload: 0, download: -1, perDay: NaN, circuits: "many", hours: { from: 3, to: 3 } } },
  { limits: { upload: 19, download: Infinity, perDay: 0, circuits: 0, hours: { from: -1, to: 24 } } },
])("what makes no sense is as at first, and off: %j", (stored) => {
  expect(readSettings(stored)).toEqual(DEFAULT_SETTINGS);
});

test("limits are in bytes for the relay", () => {
  expect(
    relayLimits({ ...DEFAULT_SETTINGS.limits, upload: 2, download: undefined, perDay: 1 }),
  ).toMatchObject({
    sendRate: 2048,
    receiveRate: undefined,
    perDay: 2 ** 30,
    perMonth: undefined,
  });
});

test("totals that make no sense are none", () => {
  const none = noTotals(0);
  for (const stored of [undefined, {}, { ...none, bytes: -1 }, { ...none, data: { day: "today" } }])
    expect(readTotals(stored, 0)).toEqual(none);
  const some = { ...none, since: 5, bytes: 7 };
  expect(readTotals(some, 0)).toEqual(some);
});
