import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseWithConfig } from "@tabor/operator";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { relayId } from "@tabor/onion-core";
import { withJoinOptions } from "./network-options.ts";
import { wholeNumber } from "./number-option.ts";
import { withRelayOptions } from "./relay-program.ts";
import { parseSize } from "./size-option.ts";

const CODE = `${"_".repeat(21)}w`;
const ID = relayId(new Uint8Array(32).fill(7));

function parse(command: Command, ...args: readonly string[]): unknown {
  const quiet = command.exitOverride().configureOutput({ writeErr: () => undefined });
  return quiet.parse(args, { from: "user" }).opts();
}

describe("what every program is told", () => {
  const join = (...args: readonly string[]) => parse(withJoinOptions(new Command(), { what: "it" }), ...args);

  test("has defaults", () => {
    expect(join()).toEqual({ directory: ["http://127.0.0.1:8080"], authority: [], logLevel: "info" });
  });

  test("is taken", () => {
    const args = [
      "--directory",
      "https://d.example/",
      "http://e.example",
      "--authority",
      ID,
      ID,
      "--bind",
      "::1",
      "--state",
      "s",
    ];
    expect(join(...args)).toMatchObject({
      directory: ["https://d.example", "http://e.example"],
      authority: [ID, ID],
      bind: "::1",
      state: "s",
    });
  });

  test("an invitation is a code, or the link that holds it", () => {
    const invite = new Uint8Array(16).fill(255);
    for (const text of [CODE, `https://app.d.example/#invite=${CODE}`]) {
      expect(join("--invite", text)).toMatchObject({ invite });
    }
  });

  test.each([
    [["--directory", "d.example:8080"]],
    [["--directory", "ws://d.example"]],
    [["--authority", "short"]],
    [["--authority", `${ID}=`]],
    [["--bind", "localhost"]],
    [["--invite", "short"]],
    [["--log-level", "all"]],
    [["--unknown"]],
    [["extra"]],
  ])("is refused: %j", (args) => {
    expect(() => join(...args)).toThrow();
  });
});

test("a relay has a capacity and a family", () => {
  const relay = (...args: readonly string[]) => parse(withRelayOptions(new Command()), ...args);
  expect(relay()).toMatchObject({ capacity: 8192, family: [], maxQueueMemory: 512 });
  expect(relay("--max-queue-memory", "64")).toMatchObject({ maxQueueMemory: 64 });
  expect(relay("--capacity", "1", "--family", ID, ID)).toMatchObject({ capacity: 1, family: [ID, ID] });
  expect(relay("--rate", "500", "--max-circuits", "100")).toMatchObject({ rate: 500, maxCircuits: 100 });
  for (const bad of [
    ["--rate", "19"],
    ["--max-circuits", "0"],
    ["--capacity", "0"],
    ["--capacity", "4294967296"],
    ["--max-queue-memory", "63"],
    ["--max-queue-memory", "1048577"],
    ["--family", "x"],
  ]) {
    expect(() => relay(...bad)).toThrow();
  }
});

test("a service's command line is one", () => {
  const unit = fileURLToPath(new URL("../../../../docs/operators/tabor-relay.service", import.meta.url));
  const [, args = ""] = /^ExecStart=\S+ \S+ (.*)$/m.exec(readFileSync(unit, "utf8")) ?? [];
  const relay = parse(withRelayOptions(new Command()).option("--config <file>"), ...args.split(" "));
  expect(relay).toMatchObject({ state: "/var/lib/tabor-relay", drain: 60 });
});

test.each([
  ["500 MB", 5e8],
  ["1.5TB", 1.5e12],
  ["2 GiB", 2 ** 31],
  ["1 MiB", 2 ** 20],
])("%j is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "500", "GB", "0 GB", "-1 GB", "1  GB", "1e3 GB", "1 kB", "1 gb", "1 constructor"])(
  "%j is no size",
  (text) => {
    expect(() => parseSize(text)).toThrow("500 GB");
  },
);

test("the example of a configuration file is one", () => {
  const path = fileURLToPath(new URL("../../../../docs/operators/relay.toml", import.meta.url));
  const command = withRelayOptions(new Command()).exitOverride();
  expect(parseWithConfig(command, ["--config", path, "--rate", "500"]).opts()).toMatchObject({
    ...{ directory: ["https://tabor.example"], state: "/var/lib/tabor-relay", capacity: 4096, rate: 500 },
    ...{ maxCircuits: 20_000, family: [], logFormat: "json" },
    ...{ maxDataPerMonth: 2e12, drain: 60, metrics: 9100 },
  });
});

test.each(["", "-1", "1.5", "1e3", "0x1", " 1", "256", "99999999999"])(
  "wholeNumber(0, 255) refuses %j",
  (text) => {
    expect(() => wholeNumber(0, 255)(text)).toThrow("0 to 255");
    expect(wholeNumber(0, 255)("255")).toBe(255);
  },
);
