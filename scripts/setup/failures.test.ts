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

test("of vitest: where, what, and the first line of the error", () => {
  const assertionResults = [
    { fullName: "adds", status: "passed", failureMessages: [] },
    {
      fullName: "takes away",
      status: "failed",
      failureMessages: ["\u001b[31mexpected 1\u001b[39m\nto be 2"],
    },
  ];
  expect(vitestFailures(report({ testResults: [{ name: "sums.test.ts", assertionResults }] }))).toEqual([
    "sums.test.ts › takes away\n    expected 1",
  ]);
});

test("of Playwright: in suites of suites, the first line of each error and the end of what a call waited for", () => {
  const calls = Array.from({ length: 100 }, (_, i) => `  - call ${String(i)}`).join("\n");
  const errors = [{ message: "Test timeout" }, { message: `click: late\n\nCall log:\n${calls}\n` }];
  const inner = {
    file: "a.e2e.ts",
    specs: [{ title: "opens", ok: false, tests: [{ results: [{ errors }] }] }],
  };
  const failures = playwrightFailures(
    report({
      suites: [{ file: "a.e2e.ts", specs: [{ title: "fine", ok: true, tests: [] }], suites: [inner] }],
    }),
  );
  const lines = ["Test timeout", "click: late", "  - call 97", "  - call 98", "  - call 99"];
  expect(failures).toEqual([["a.e2e.ts › opens", ...lines.map((line) => `    ${line}`)].join("\n")]);
});

test("of no report, or an empty one: none", () => {
  for (const read of [vitestFailures, playwrightFailures]) {
    expect(read(join(folder, "none"))).toEqual([]);
    expect(read(report({}))).toEqual([]);
  }
});
