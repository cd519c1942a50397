import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, systemRandom } from "@tabor/platform";
import { parseInvite } from "@tabor/signal-protocol";
import { encode } from "uqr";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freshKey } from "../testing/memory-peer.ts";
import { FolderRegister } from "./folder-register.ts";
import { membersCommand } from "./members-command.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-members-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** @returns what it printed. @throws what the operator is told. */
async function run(...args: string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const command = membersCommand({
    open: (stateFolder) => FolderRegister.open(stateFolder, systemClock),
    random: systemRandom,
    print: (line) => lines.push(line),
  });
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  await command.parseAsync(["--state", folder, ...args], { from: "user" });
  return lines;
}

it("adds, lists and revokes", async () => {
  const { id } = await freshKey();
  expect(await run("add", id, "--name", "Ada's laptop")).toEqual([`${id} is a member now.`]);
  expect(await run("add", id)).toEqual([`${id} was a member already.`]);
  const [line] = await run("list");
  expect(line).toMatch(new RegExp(`^${id}  \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z  Ada's laptop$`));
  expect(await run("revoke", id)).toEqual([`${id} is no member any more.`]);
  expect(await run("list")).toEqual([]);
  await expect(run("revoke", id)).rejects.toThrow("is not a member");
});

it.each(["-", "--", "-h", "--name="])("takes keys for keys that begin with %s", async (start) => {
  const key = start.replace("=", "_").padEnd(43, "A");
  expect(await run("add", key, "--name", "x")).toEqual([`${key} is a member now.`]);
  expect(await run("revoke", key)).toEqual([`${key} is no member any more.`]);
});

it("makes codes, and links that open the web app with them", async () => {
  const codes = await run("invite", "--count", "3");
  expect(new Set(codes.map((code) => String(parseInvite(code)))).size).toBe(3);
  const [link = ""] = await run("invite", "--app", "https://app.tabor.example");
  expect(link).toMatch(/^https:\/\/app\.tabor\.example\/#invite=[\w-]{22}$/);
});

it("draws links as QR codes that a phone can scan from a terminal", async () => {
  const [link = "", code = ""] = await run("invite", "--app", "https://app.tabor.example", "--qr");
  const { size } = encode(link, { ecc: "M", border: 2 });
  const rows = code.split("\n");
  expect(rows).toHaveLength(Math.ceil(size / 2));
  for (const row of rows) expect(Array.from(row)).toHaveLength(size);
  await expect(run("invite", "--qr")).rejects.toThrow("give --app");
});

it.each([
  ["add", "short"],
  ["add"],
  ["add", "A".repeat(43), "--nmae"],
  ["revoke", "x".repeat(44)],
  ["invite", "--count", "0"],
  ["invite", "--count", "1001"],
  ["invite", "--days", "x"],
  ["invite", "--app", "ftp://a.example"],
  ["invite", "--name", "two\nlines"],
  ["remove"],
])("understands nothing else: %s %s %s", async (...args) => {
  await expect(run(...args)).rejects.toThrow();
});
