import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, type Measurements } from "@tabor/onion-core";
import { testId, VirtualClock } from "@tabor/onion-core/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadMeasurements, MeasurementsKeeper } from "./measurements-file.ts";

let folder: string;
let path: string;
let clock: VirtualClock;
let current: Measurements | undefined;
let keeper: MeasurementsKeeper;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-measured-"));
  path = join(folder, "measurements");
  clock = new VirtualClock();
  current = undefined;
  keeper = new MeasurementsKeeper({ path, current: () => current, clock, log: silentLog });
});
afterEach(async () => {
  await keeper.close();
  await rm(folder, { recursive: true });
});

const said = (rate: number): Measurements => ({
  writtenAt: clock.now(),
  relays: new Map([[testId(1), { answers: true, results: [{ rate, at: clock.now() }] }]]),
});

/** Writing takes real time. */
const written = (expected: Measurements) =>
  vi.waitFor(
    async () => {
      expect(await loadMeasurements(path)).toEqual(expected);
    },
    { timeout: 60_000 },
  );

test("what has changed is written soon, and again now and then though nothing has", async () => {
  current = said(5);
  keeper.changed();
  keeper.changed();
  await clock.advance(500);
  await written(current);
  current = said(6);
  await clock.advance(30_000);
  await written(current);
});

test("nothing is written before there is something to tell, and the last word at the end", async () => {
  await clock.advance(60_000);
  await keeper.close();
  expect(await loadMeasurements(path)).toBeUndefined();
  current = said(7);
  await keeper.close();
  expect(await loadMeasurements(path)).toEqual(current);
});

test("a file that holds something else is told in a sentence", async () => {
  await writeFile(path, "something else\n");
  await expect(loadMeasurements(path)).rejects.toMatchObject({
    code: "malformed",
    message: `${path} does not hold measurements: delete it, and the relays are measured anew.`,
  });
});
