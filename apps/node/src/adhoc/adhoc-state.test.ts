import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { relayId } from "@tabor/onion-core";
import { parseHostAddress } from "@tabor/rtc-link/adhoc";
import { openPins } from "./pins-file.ts";
import { takePlace } from "./place.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-adhoc-"));
});
afterEach(() => rm(folder, { recursive: true }));

const here = parseHostAddress("127.0.0.1:9001");
const there = parseHostAddress("192.0.2.1:9001");
const never = (reason: string): never => {
  throw new Error(reason);
};

describe("pins", () => {
  const pins = new Map([
    [here, relayId(new Uint8Array(32).fill(1))],
    [there, relayId(new Uint8Array(32).fill(2))],
  ]);

  test("are there again at the next start, and nobody else may read them", async () => {
    const path = join(folder, "a", "pins");
    const file = await openPins(path, never);
    expect(file.pins).toEqual(new Map());
    file.save(new Map());
    file.save(pins);
    await expect.poll(async () => (await openPins(path, never)).pins).toEqual(pins);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "a"))).toEqual(["pins"]);
  });

  test("a damaged file is refused, and left alone: nobody is believed anew because of it", async () => {
    const path = join(folder, "pins");
    await writeFile(path, "127.0.0.1:9001=short\n");
    await expect(openPins(path, never)).rejects.toMatchObject({ code: "malformed" });
    expect(await readFile(path, "utf8")).toBe("127.0.0.1:9001=short\n");
  });
});

describe("the place of a host", () => {
  test("is the first known address of this machine", async () => {
    const place = await takePlace({ known: [there, here], state: folder });
    expect(place).toMatchObject({ address: here, folder });
  });

  test("is none of them, if all are of other machines", async () => {
    expect(await takePlace({ known: [there], state: folder })).toMatchObject({ address: undefined });
  });

  test("is what was told", async () => {
    expect(await takePlace({ known: [there, here], listen: there, state: folder })).toMatchObject({
      address: there,
    });
  });

  test("is one peer's at a time", async () => {
    // A process that runs, and is not this one.
    await writeFile(join(folder, "in-use"), String(process.ppid));
    await expect(takePlace({ known: [here], state: folder })).rejects.toMatchObject({ code: "usage" });
  });

  test.each(["", "no number", "99999999"])("is taken over from a peer that crashed (%j)", async (left) => {
    await writeFile(join(folder, "in-use"), left);
    const place = await takePlace({ known: [here], state: folder });
    expect(await readFile(join(folder, "in-use"), "utf8")).toBe(String(process.pid));
    await place.release();
    expect(await readdir(folder)).toEqual([]);
  });
});
