import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the lockfile names no registry: whoever installs uses their own", () => {
  const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  expect(text).not.toMatch(/"resolved":\s*"[a-z+]+:/);
  expect(readFileSync(new URL("../.npmrc", import.meta.url), "utf8")).not.toMatch(/registry/);
});
