import { readReport } from "./report.mjs";

/**
 * What a runner reported.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** @param {string} file vitest's JSON report @returns {Counts} */
export function vitestCounts(file) {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = numbersIn(file);
  return atLeastOne({
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
  });
}

/** @param {string} file Playwright's JSON report @returns {Counts} */
export function playwrightCounts(file) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = numbersIn(file, "stats");
  // A flaky test is one that failed: nothing here may depend on luck.
  return atLeastOne({ passed: expected, failed: unexpected + flaky, skipped });
}

/** A runner that wrote no report, or ran no test, has failed once. @param {Counts} counts @returns {Counts} */
function atLeastOne(counts) {
  return counts.passed + counts.failed > 0 ? counts : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * The numbers of a report, or of one part of it.
 * @param {string} file
 * @param {string} [part]
 * @returns {{ [name: string]: number }}
 */
function numbersIn(file, part) {
  const report = entriesOf(readReport(file));
  const entries = part === undefined ? report : entriesOf(report.find(([name]) => name === part)?.[1]);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])),
  );
}

/** @param {unknown} value @returns {[string, unknown][]} */
function entriesOf(value) {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
