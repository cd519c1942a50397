import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepDataUsed, loadDataUsed } from "./data-used-file.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-used-"));
  path = join(folder, "new", "data-used");
});
afterEach(() => rm(folder, { recursive: true }));

test("what was used is there after a restart", async () => {
  const relay = { dataUsed: { day: "2026-11-23", bytesOfDay: 1.5e9, bytesOfMonth: 7e12 } };
  expect(await loadDataUsed(path)).toBeUndefined();
  const stop = keepDataUsed(relay, path, { clock: new VirtualClock(), log: silentLog });
  await stop();
  expect(await loadDataUsed(path)).toEqual(relay.dataUsed);
});

test("it is kept every minute, and what cannot be is told", async () => {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
  const relay = { dataUsed: { day: "2026-11-23", bytesOfDay: 1, bytesOfMonth: 2 } };
  const stop = keepDataUsed(relay, path, { clock, log });
  await clock.advance(60_000);
  await expect
    .poll(() => readFile(path, "utf8").catch(() => ""), { timeout: 60_000 })
    .toBe("2026-11-23 1 2\n");
  await stop();
  const blocked = keepDataUsed(relay, join(path, "below"), { clock, log });
  await blocked();
  expect(warnings).toHaveLength(1);
});

test.each(["", "2026-11-23 1 2", "2026-11-23 1 -2\n", "2026-11-23 1 2\n\n", "23.11.2026 1 2\n"])(
  "a file with %j is refused with advice",
  async (text) => {
    const file = join(folder, "data-used");
    await writeFile(file, text);
    await expect(loadDataUsed(file)).rejects.toThrow("delete it");
  },
);
