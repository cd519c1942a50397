import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { playwrightFailures, vitestFailures } from "./failures.mjs";

const folder = mkdtempSync(join(tmpdir(), "tabor-failures-"));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
  const file = join(folder, "report.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test("of vitest: where, what, and the error", () => {
  const assertionResults = [
    { fullName: "adds", status: "passed", failureMessages: [] },
    {
      fullName: "takes away",
      status: "failed",
      failureMessages: ["\u001b[31mexpected 1\u001b[39m\nto be 2"],
    },
  ];
  expect(vitestFailures(report({ testResults: [{ name: "sums.test.ts", assertionResults }] }))).toEqual([
    "sums.test.ts › takes away\n    expected 1\n    to be 2",
  ]);
});

test("of Playwright: in suites of suites, and no more than the beginning of a long error", () => {
  const message = Array.from({ length: 100 }, (_, i) => `line ${String(i)}`).join("\n");
  const inner = {
    file: "a.e2e.ts",
    specs: [{ title: "opens", ok: false, tests: [{ results: [{ errors: [{ message }] }] }] }],
  };
  const failures = playwrightFailures(
    report({
      suites: [{ file: "a.e2e.ts", specs: [{ title: "fine", ok: true, tests: [] }], suites: [inner] }],
    }),
  );
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatch(/^a\.e2e\.ts › opens\n {4}line 0\n/);
  expect(failures[0]).toMatch(/line 29\n {4}…$/);
});

test("of no report, or an empty one: none", () => {
  for (const read of [vitestFailures, playwrightFailures]) {
    expect(read(join(folder, "none"))).toEqual([]);
    expect(read(report({}))).toEqual([]);
  }
});
