import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifySignature } from "@tabor/onion-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadAuthorityKey } from "./authority-key.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-authority-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("authority key", () => {
  it("is made once, kept, and readable by its owner alone", async () => {
    const state = join(folder, "new", "state");
    const first = await loadAuthorityKey(state);
    const second = await loadAuthorityKey(state);
    expect(second.id).toBe(first.id);
    const message = Uint8Array.of(1, 2);
    expect(await verifySignature(first.publicKey, await second.sign(message), message)).toBe(true);
    expect(await readdir(state)).toEqual(["authority.key"]);
    expect((await stat(join(state, "authority.key"))).mode & 0o777).toBe(0o600);
    expect((await stat(state)).mode & 0o777).toBe(0o700);
  });

  it("is one even if two programs start together", async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => loadAuthorityKey(folder)));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect(await readdir(folder)).toEqual(["authority.key"]);
  });

  it("is refused when the file is damaged, and never replaced", async () => {
    await loadAuthorityKey(folder);
    const path = join(folder, "authority.key");
    const good = await readFile(path);
    for (const bad of [
      good.subarray(1),
      Buffer.concat([good, Buffer.of(0)]),
      Buffer.alloc(0),
      flipped(good),
    ]) {
      await writeFile(path, bad);
      await chmod(path, 0o600);
      await expect(loadAuthorityKey(folder)).rejects.toMatchObject({
        code: "malformed",
        message: `${path} holds no authority key`,
      });
      expect(await readFile(path)).toEqual(Buffer.from(bad));
    }
  });
});

/** With another seed than the public key belongs to. */
function flipped(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}
