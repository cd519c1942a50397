import { stripVTControlCharacters } from "node:util";
import { readReport } from "./report.mjs";

/** Lines of each that are said again: what went wrong, and the last that a wait of Playwright's saw. The runners themselves said all. */
const MOST = { failure: 8, calls: 3 };
const LONGEST_LINE = 200;

/**
 * @typedef {{ fullName: string, status: string, failureMessages: string[] }} UnitTest
 * @typedef {{ testResults: { name: string, assertionResults: UnitTest[] }[] }} UnitReport
 * @typedef {{ title: string, ok: boolean, tests: { results: { errors: { message?: string }[] }[] }[] }} Spec
 * @typedef {{ file: string, specs: Spec[], suites?: Suite[] }} Suite
 * @typedef {{ suites: Suite[] }} E2eReport
 */

/** @param {string} file vitest's JSON report @returns {string[]} each test that failed, with the beginning of its error */
export function vitestFailures(file) {
  const report = /** @type {UnitReport | undefined} */ (readReport(file));
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => told(`${name} › ${fullName}`, failureMessages)),
  );
}

/** @param {string} file Playwright's JSON report @returns {string[]} as `vitestFailures` */
export function playwrightFailures(file) {
  const report = /** @type {E2eReport | undefined} */ (readReport(file));
  return specsOf(report?.suites ?? [])
    .filter(({ ok }) => !ok)
    .map(({ title, where, tests }) => {
      const errors = tests.flatMap(({ results }) => results.flatMap((result) => result.errors));
      return told(
        `${where} › ${title}`,
        errors.map(({ message }) => message ?? ""),
      );
    });
}

/** @param {Suite[]} suites @returns {(Spec & { where: string })[]} */
function specsOf(suites) {
  return suites.flatMap((suite) => [
    ...suite.specs.map((spec) => ({ ...spec, where: suite.file })),
    ...specsOf(suite.suites ?? []),
  ]);
}

/** @param {string} title @param {string[]} errors @returns {string} */
function told(title, errors) {
  const lines = errors.flatMap((error) => gist(stripVTControlCharacters(error)));
  return [title, ...lines.slice(0, MOST.failure).map((line) => `    ${line.slice(0, LONGEST_LINE)}`)].join(
    "\n",
  );
}

/** @param {string} error @returns {string[]} its first line, and the end of the log of a call that waited */
function gist(error) {
  const [first = "", ...rest] = error.split("\n").filter((line) => line.trim() !== "");
  const log = rest.findIndex((line) => line.startsWith("Call log:"));
  return [first, ...(log < 0 ? [] : rest.slice(log + 1).slice(-MOST.calls))];
}
