import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spentTokensContract } from "@tabor/blind-tokens/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptSpentTokens } from "./spent-tokens-folder.ts";

const NOW = 1_800_000_000_000;
const token = { key: "ab".repeat(32), until: NOW + 1, nonce: "cd".repeat(32) };

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "tabor-spent-"));
  folder = join(parent, "new", "spent-tokens");
});
afterEach(() => rm(parent, { recursive: true }));

test.each(spentTokensContract(() => Promise.resolve((now) => keptSpentTokens(folder, now))))(
  "spent tokens in a folder: $name",
  ({ run }) => run(),
);

test("nobody else may read them, and other files are left alone", async () => {
  await (await keptSpentTokens(folder, NOW)).keep(token);
  await writeFile(join(folder, "notes.txt"), "mine");
  const { before } = await keptSpentTokens(folder, NOW);
  expect(before).toEqual([token]);
  const file = `${token.key}.${String(token.until)}`;
  expect((await readdir(folder)).sort()).toEqual([file, "notes.txt"]);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a nonce that a crash cut short spoils none that comes after it", async () => {
  await (await keptSpentTokens(folder, NOW)).keep(token);
  await appendFile(join(folder, `${token.key}.${String(token.until)}`), Buffer.alloc(31, 7));
  const next = { ...token, nonce: "ef".repeat(32) };
  const place = await keptSpentTokens(folder, NOW);
  expect(place.before).toEqual([token]);
  await place.keep(next);
  expect((await keptSpentTokens(folder, NOW)).before).toEqual([token, next]);
});

test("what cannot be kept fails", async () => {
  const place = await keptSpentTokens(folder, NOW);
  await rm(folder, { recursive: true });
  await expect(place.keep(token)).rejects.toMatchObject({ code: "ENOENT" });
});
