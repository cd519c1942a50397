import { Sensitive, silentLog, type Log, type LogFields } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { safeLog, scrubbed } from "./safe-log.ts";

type Line = [message: string, fields: LogFields | undefined];

function memoryLog(lines: Line[]): Log {
  const info = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  return { ...silentLog, info, error: info, scoped: () => memoryLog(lines) };
}

test("a safe log hides what is sensitive, and addresses wherever they are", () => {
  const lines: Line[] = [];
  const log = safeLog(memoryLog(lines)).scoped("exit");
  log.info("connect ECONNREFUSED 203.0.113.7:443", {
    ...{ target: new Sensitive("example.org"), count: 2, reason: "from ::1" },
  });
  log.error("over");
  expect(JSON.parse(JSON.stringify(lines))).toEqual([
    ["connect ECONNREFUSED [scrubbed]", { target: "[scrubbed]", count: 2, reason: "from [scrubbed]" }],
    ["over", null],
  ]);
});

test("a log shows both to who asked", () => {
  const lines: Line[] = [];
  safeLog(memoryLog(lines), true).info("from 203.0.113.7", { target: new Sensitive("example.org") });
  expect(lines).toEqual([["from 203.0.113.7", { target: "example.org" }]]);
});

test("what is sensitive shows in no text by itself", () => {
  const secret = new Sensitive("example.org");
  expect([String(secret), JSON.stringify({ secret })].join()).not.toContain("example");
});

describe("scrubbed", () => {
  test.each([
    ["at 203.0.113.7.", "at [scrubbed]"],
    ["203.0.113.7:443", "[scrubbed]"],
    ["[2001:db8::7]:443", "[[scrubbed]]:443"],
    ["http://[2001:db8::7]/", "http://[[scrubbed]]/"],
    ["connect 2001:db8::7:443", "connect [scrubbed]"],
    ["2001:DB8:0:0:0:0:0:7 - Local (fe80::1:0)", "[scrubbed] - Local ([scrubbed])"],
    ["::ffff:203.0.113.7", "[scrubbed]"],
    ["10.0.0.1,10.0.0.2", "[scrubbed],[scrubbed]"],
  ])("%s", (text, expected) => {
    expect(scrubbed(text)).toBe(expected);
  });

  test.each(["at 12:34:56", "version 1.2.3", "a: b", "half an hour...", "300.1.1.1.1", "face", 7, true])(
    "leaves %s",
    (text) => {
      expect(scrubbed(text)).toBe(text);
    },
  );
});
