import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { playwrightCounts, vitestCounts } from "./counts.mjs";

const folder = mkdtempSync(join(tmpdir(), "tabor-counts-"));
afterAll(() => rmSync(folder, { recursive: true }));

function report(text: string): string {
  const file = join(folder, "report.json");
  writeFileSync(file, text);
  return file;
}

test("vitest's numbers", () => {
  const file = report('{"numPassedTests":3,"numFailedTests":2,"numPendingTests":1,"numTodoTests":1}');
  expect(vitestCounts(file)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test("Playwright's numbers; a flaky test has failed", () => {
  const file = report('{"stats":{"expected":4,"unexpected":1,"flaky":1,"skipped":2}}');
  expect(playwrightCounts(file)).toEqual({ passed: 4, failed: 2, skipped: 2 });
});

test.each(["", "{}", "[", '{"numPassedTests":0}'])(
  "a report that shows no test (%j) is a failure",
  (text) => {
    expect(vitestCounts(report(text))).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(playwrightCounts(report(text))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  },
);

test("a missing report is a failure", () => {
  expect(vitestCounts(join(folder, "none"))).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
