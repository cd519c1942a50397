import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifySignature } from "@tabor/onion-core";
import { forgetfulGuards, guardFile } from "./guard-file.ts";
import { freshRelayKeys, keptRelayKeys } from "./relay-keys.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-state-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("keptRelayKeys", () => {
  test("makes keys once, which are the same at the next start, and sign", async () => {
    const path = join(folder, "a", "relay");
    const first = await keptRelayKeys(path);
    const second = await keptRelayKeys(path);
    expect(second.identity.id).toBe(first.identity.id);
    expect(second.ntorKeys.publicKey).toEqual(first.ntorKeys.publicKey);
    expect(second.signalKeys.publicKey).toEqual(first.signalKeys.publicKey);
    const message = new Uint8Array(3);
    const signature = await second.identity.sign(message);
    expect(await verifySignature(first.identity.publicKey, signature, message)).toBe(true);
  });

  test("nobody else may read them, and nothing half-written is left", async () => {
    await keptRelayKeys(folder);
    expect((await readdir(folder)).sort()).toEqual(["identity.key", "ntor.key", "signal.key"]);
    for (const file of await readdir(folder))
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });

  test("two programs that start at once agree", async () => {
    const both = await Promise.all([keptRelayKeys(folder), keptRelayKeys(folder)]);
    expect(both[0].identity.id).toBe(both[1].identity.id);
    expect(both[0].ntorKeys.publicKey).toEqual(both[1].ntorKeys.publicKey);
  });

  test("a damaged file is refused, and left alone", async () => {
    await keptRelayKeys(folder);
    const path = join(folder, "identity.key");
    const whole = await readFile(path);
    for (const damaged of [
      whole.subarray(0, 63),
      Buffer.concat([whole, whole]),
      Buffer.from(whole).fill(1, 0, 8),
    ]) {
      await writeFile(path, damaged);
      await expect(keptRelayKeys(folder)).rejects.toMatchObject({ code: "malformed" });
      expect(await readFile(path)).toEqual(damaged);
    }
  });

  test("fresh keys differ each time", async () => {
    expect((await freshRelayKeys()).identity.id).not.toBe((await freshRelayKeys()).identity.id);
  });
});

describe("guardFile", () => {
  test("holds nothing at first, then what was saved last, and nobody else may read it", async () => {
    const path = join(folder, "client", "guards");
    expect(await guardFile(path).load()).toBeUndefined();
    await guardFile(path).save("some guards");
    await guardFile(path).save("others");
    expect(await guardFile(path).load()).toBe("others");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "client"))).toEqual(["guards"]);
  });
});

test("forgetfulGuards keeps guards for one session", async () => {
  const store = forgetfulGuards();
  expect(await store.load()).toBeUndefined();
  await store.save("some guards");
  expect(await store.load()).toBe("some guards");
});
