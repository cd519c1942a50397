import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMeasurements, type Log, type RelayId, silentLog } from "@tabor/onion-core";
import { testId, TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MeasurementsFile } from "./measurements-file.ts";

const [ONE, TWO] = [testId(1), testId(2)];

let folder: string;
let clock: VirtualClock;
let file: MeasurementsFile;
let changes: number;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-measurements-"));
  clock = new VirtualClock(TEST_NOW);
  changes = 0;
  warnings = [];
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };
  file = new MeasurementsFile({ path: join(folder, "measurements"), changed: () => changes++, clock, log });
});
afterEach(async () => {
  file.close();
  await rm(folder, { recursive: true });
});

/** As a measurer puts it there: whole. */
async function put(text: string): Promise<void> {
  await writeFile(join(folder, "beside"), text);
  await rename(join(folder, "beside"), join(folder, "measurements"));
}

const said = (...relays: readonly (readonly [RelayId, boolean])[]) =>
  encodeMeasurements({
    writtenAt: clock.now(),
    relays: new Map(
      relays.map(([id, answers]) => [id, { answers, results: [{ rate: 700, at: clock.now() }] }]),
    ),
  });

/** Lets it look until something is so: its reading takes real time. */
const eventually = (check: () => void) =>
  vi.waitFor(
    async () => {
      await clock.advance(2_000);
      check();
    },
    { timeout: 60_000 },
  );

test("without a measurer nobody is said to answer, or not to", async () => {
  await clock.advance(10_000);
  expect(file.standingOf(ONE)).toEqual({ answers: undefined, measured: undefined });
  expect([changes, warnings]).toEqual([0, []]);
});

test("what a measurer writes holds soon, and its changes are told", async () => {
  await put(said([ONE, true], [TWO, true]));
  await eventually(() => {
    expect(file.standingOf(ONE)).toEqual({ answers: true, measured: 700 });
  });
  expect(file.standingOf(testId(3))).toEqual({ answers: false, measured: undefined });
  const before = changes;
  await put(said([ONE, false], [TWO, true]));
  await eventually(() => {
    expect(file.standingOf(ONE).answers).toBe(false);
  });
  expect([before, changes]).toEqual([1, 2]);
});

test("a measurer that is away drops nobody, and the operator is told", async () => {
  await put(said([ONE, false]));
  await eventually(() => {
    expect(file.standingOf(ONE).answers).toBe(false);
  });
  await clock.advance(120_000);
  await eventually(() => {
    expect(warnings).toEqual(["the measurer is away: every relay that is joined runs"]);
  });
  expect(file.standingOf(ONE)).toEqual({ answers: undefined, measured: 700 });
  expect(changes).toBe(2);
});

test("what cannot be read is told once, and what was read before holds", async () => {
  await put(said([ONE, true]));
  await eventually(() => {
    expect(file.standingOf(ONE).answers).toBe(true);
  });
  await put("tabor-measurements 1 ");
  await eventually(() => {
    expect(warnings).toHaveLength(1);
  });
  await clock.advance(10_000);
  expect(warnings).toEqual(["the measurements cannot be read"]);
  expect(file.standingOf(ONE).answers).toBe(true);
});
