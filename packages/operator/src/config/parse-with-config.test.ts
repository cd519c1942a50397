import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseWithConfig } from "./parse-with-config.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tabor-config-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function parse(text: string, ...args: readonly string[]): unknown {
  const file = join(folder, "a.toml");
  writeFileSync(file, text);
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .option("--capacity <n>", "", wholeNumber, 8)
    .option("--state <folder>", "")
    .option("--family <id...>", "", (id: string, before: readonly string[]) => [...before, id], [])
    .option("--log-addresses", "")
    .addOption(new Option("--log-level <level>", "").choices(["info", "debug"]).default("info"))
    .addOption(new Option("--max-data-per-day <n>", "").argParser(wholeNumber));
  const { config, ...rest } = parseWithConfig(command, [...args, "--config", file]).opts();
  expect(config).toBe(file);
  return rest;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("A whole number is wanted.");
  return Number(text);
}

test("a file says what the command line could", () => {
  const text = `
# a comment
capacity = 4_096
state = 'C:\\here'      # another
family = ["a", "b"]
log-addresses = true
log-level = "debug"
max-data-per-day = 0x10
`;
  expect(parse(text)).toEqual({
    ...{ capacity: 4096, state: "C:\\here", family: ["a", "b"] },
    ...{ logAddresses: true, logLevel: "debug", maxDataPerDay: 16 },
  });
});

test("what it does not say has its default, and the command line goes before it", () => {
  expect(parse("")).toEqual({ capacity: 8, family: [], logLevel: "info" });
  const args = ["--capacity", "1", "--family", "c", "--log-level", "info"];
  expect(parse('capacity = 2\nfamily = ["a"]\nlog-level = "debug"\nstate = "s"', ...args)).toEqual({
    ...{ capacity: 1, family: ["c"], logLevel: "info", state: "s" },
  });
});

describe("is refused with its line", () => {
  test.each([
    ["an unknown name", "\n\ncapacty = 1", "line 3: there is no option capacty"],
    ["a name in another style", "logLevel = 'info'", "line 1: there is no option logLevel"],
    ["a name with a dot", "log.level = 'info'", "line 1: there is no option log.level"],
    ["a file in the file", "config = 'b.toml'", "line 1: there is no option config"],
    ["a question for help", "help = true", "line 1: there is no option help"],
    ["a section", "capacity = 1\n[more]\nstate = 's'", "line 2: there are no sections"],
    ["a list of sections", "[[more]]", "line 1: there are no sections"],
    ["a name that comes twice", "capacity = 1\n\ncapacity = 2", "line 3: "],
    ["what is no TOML", "capacity = 1\nstate = s", "line 2: "],
    ["what has no end", "state = 'x", "line 1: "],
    ["what the option refuses", "\ncapacity = 1.5", "line 2: capacity: A whole number is wanted."],
    ["what the option refuses as text", "capacity = 'x'", "line 1: capacity: A whole number is wanted."],
    ["none of the choices", "log-level = 'all'", "line 1: log-level: Allowed choices are info, debug."],
    ["a list for one value", "capacity = [1]", "line 1: capacity takes one value"],
    ["one value for a list", "family = 'a'", "line 1: family takes a list"],
    ["a list of lists", "family = ['a',\n['b']]", "line 2: family takes text"],
    ["true for a value", "state = true", "line 1: state takes one value"],
    ["a value for a switch", "log-addresses = 'yes'", "line 1: log-addresses is true or false"],
    ["a date", "state = 2026-11-23", "line 1: state takes text"],
    ["a table", "state = { a = 1 }", "line 1: state takes text"],
  ])("%s", (_, text, sentence) => {
    expect(() => parse(text)).toThrow(`error: ${join(folder, "a.toml")}, ${sentence}`);
    // The command line does not hide what is wrong in the file.
    expect(() => parse(text, "--capacity", "1", "--state", "s")).toThrow(sentence);
  });
});

test("a file that cannot be read is told", () => {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  expect(() => parseWithConfig(command, ["--config", join(folder, "none")])).toThrow("no such file");
});

test("keys that begin with a dash are keys, wherever in a list", () => {
  const [plain, dashed, twice] = ["A", "-", "--"].map((start) => start.padEnd(43, "A")) as [
    string,
    string,
    string,
  ];
  const options = ["--family", plain, dashed, twice, "--state", dashed, "--capacity", "9"];
  expect(parse("", ...options)).toMatchObject({ family: [plain, dashed, twice], state: dashed, capacity: 9 });
  expect(parse("", "--family", twice, "--family", dashed)).toMatchObject({ family: [twice, dashed] });
  expect(() => parse("", dashed)).toThrow("unknown option");
});
