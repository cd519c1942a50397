import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RelayId } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { parseInvite } from "@tabor/signal-protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshKey } from "../testing/memory-peer.ts";
import { FolderRegister } from "./folder-register.ts";

const DAY = 86_400_000;
let folder: string;
let register: FolderRegister;
let ahead = 0;

beforeEach(async () => {
  ahead = 0;
  folder = await mkdtemp(join(tmpdir(), "tabor-register-"));
  register = await open();
});

afterEach(() => rm(folder, { recursive: true }));

/** Another program with the same folder. */
function open(): Promise<FolderRegister> {
  return FolderRegister.open(folder, { ...systemClock, now: () => systemClock.now() + ahead });
}

async function freshId(): Promise<RelayId> {
  return (await freshKey()).id;
}

async function invite(name = ""): Promise<Uint8Array> {
  return parseInvite(await register.invite({ random: systemRandom, name, life: DAY }));
}

describe("the register", () => {
  it("has whom one program adds, in all programs, until one revokes it", async () => {
    const other = await open();
    const key = await freshId();
    expect(await other.has(key)).toBe(false);
    expect(await register.add(key, "Ada")).toBe(true);
    expect(await register.add(key, "Eve")).toBe(false);
    expect(await other.has(key)).toBe(true);
    expect(await other.list()).toMatchObject([{ key, name: "Ada" }]);
    expect(await other.revoke(key)).toBe(true);
    expect(await other.revoke(key)).toBe(false);
    expect(await register.has(key)).toBe(false);
    expect(await register.list()).toEqual([]);
  });

  it("tells a running program of a key that another revokes, and of no other change", async () => {
    const revoked: RelayId[] = [];
    const [stays, goes] = [await freshId(), await freshId()];
    const told = new Promise<void>((resolve) => {
      register.onRevoked((key) => {
        revoked.push(key);
        if (key === goes) resolve();
      });
    });
    const other = await open();
    await other.add(stays, "");
    await other.add(goes, "");
    await register.redeem(await invite(), await freshId());
    await other.revoke(goes);
    await told;
    expect(new Set(revoked)).toEqual(new Set([goes]));
  });

  it("takes a code once, also of many who bring it together", async () => {
    const code = await invite("for Ada");
    const keys = await Promise.all(Array.from({ length: 8 }, freshId));
    const outcomes = await Promise.all(keys.map(async (key) => (await open()).redeem(code, key)));
    expect(outcomes.filter((isGood) => isGood)).toHaveLength(1);
    expect(await register.list()).toMatchObject([{ key: keys[outcomes.indexOf(true)], name: "for Ada" }]);
    expect(await register.redeem(code, await freshId())).toBe(false);
  });

  it("takes no code that was not made, or that is too old", async () => {
    const code = await invite();
    expect(await register.redeem(new Uint8Array(16), await freshId())).toBe(false);
    ahead = DAY;
    expect(await register.redeem(code, await freshId())).toBe(false);
    expect(await register.list()).toEqual([]);
  });

  it("keeps no code that whoever reads the disk could use, and lets nobody else read", async () => {
    const text = await register.invite({ random: systemRandom, name: "", life: DAY });
    await register.add(await freshId(), "");
    for (const part of ["members", "invites"]) {
      expect((await stat(join(folder, part))).mode & 0o777).toBe(0o700);
      for (const name of await readdir(join(folder, part))) {
        const path = join(folder, part, name);
        expect((await stat(path)).mode & 0o777).toBe(0o600);
        expect(`${name} ${await readFile(path, "utf8")}`).not.toContain(text);
      }
    }
  });

  it("says which file is damaged by failing, and goes past files that are none of its own", async () => {
    const key = await freshId();
    await register.add(key, "");
    await writeFile(join(folder, "members", "README"), "mine");
    expect(await register.list()).toHaveLength(1);
    for (const damaged of ["", "{}", '{"name":"\\u001b[2J","made":1}', '{"name":"","made":-1}']) {
      await writeFile(join(folder, "members", key), damaged);
      await expect(register.list()).rejects.toMatchObject({ code: "malformed" });
    }
  });
});
