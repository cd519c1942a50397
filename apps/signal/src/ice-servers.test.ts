import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { iceServersAt, readTurnSecret } from "./ice-servers.ts";

const STUN = ["stun:a.example:3478", "stuns:b.example"];
const TURN = ["turn:a.example:3478?transport=udp"];
const HOUR = 3_600_000;
/** 15 January 2027, 08:00 UTC. */
const NOW = 1_800_000_000_000;

test("STUN servers need no credentials, and without a secret there is no TURN", () => {
  expect(iceServersAt({ iceServers: [] }, NOW)).toEqual([]);
  expect(iceServersAt({ iceServers: STUN, turnSecret: "s" }, NOW)).toEqual([{ urls: STUN }]);
  expect(iceServersAt({ iceServers: TURN }, NOW)).toEqual([]);
});

test("the credential is what OpenSSL computes of secret and user name, as coturn does", () => {
  // printf 1800086400 | openssl dgst -sha1 -hmac north -binary | base64
  expect(iceServersAt({ iceServers: [...TURN, ...STUN], turnSecret: "north" }, NOW)).toEqual([
    { urls: STUN },
    { urls: TURN, username: "1800086400", credential: "/sfTIxP6tenIPleGUPBCfSCF4iI=" },
  ]);
});

test("within an hour all have the same credentials, which are good for a day at least", () => {
  const nameAt = (now: number): number =>
    Number(iceServersAt({ iceServers: TURN, turnSecret: "s" }, now)[0]?.username);
  expect(nameAt(NOW + 1)).toBe(nameAt(NOW + HOUR));
  expect(nameAt(NOW + HOUR + 1)).toBe(nameAt(NOW + 1) + 3600);
  for (const now of [NOW, NOW + 1, NOW + HOUR]) {
    const hours = (nameAt(now) * 1000 - now) / HOUR;
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(hours).toBeLessThanOrEqual(25);
  }
});

test("a secret is the one line of its file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tabor-turn-"));
  const file = join(folder, "secret");
  await writeFile(file, "north\n");
  expect(await readTurnSecret(file)).toBe("north");
  for (const wrong of ["", "\n", "two\nlines\n", "x".repeat(1025)]) {
    await writeFile(file, wrong);
    await expect(readTurnSecret(file)).rejects.toThrow("must be one line");
  }
  await rm(folder, { recursive: true });
  await expect(readTurnSecret(file)).rejects.toThrow("can't be read");
});
