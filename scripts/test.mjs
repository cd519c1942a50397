/**
 * `npm test`: everything that must hold, on a machine that has never seen the project. Installs what is missing,
 * runs each step, goes on after a failure, and ends with one line that adds up what the runners reported.
 */
import { rmSync } from "node:fs";
import { checkNode, installPackages } from "./setup/packages.mjs";
import { findOrInstallTools } from "./setup/tools.mjs";
import { playwrightCounts, vitestCounts } from "./setup/counts.mjs";
import { playwrightFailures, vitestFailures } from "./setup/failures.mjs";
import { run } from "./setup/run.mjs";

const MINUTE = 60_000;
const UNIT_REPORT = "test-results/unit.json";
const E2E_REPORT = "test-results/e2e.json";

/**
 * @typedef {object} Step
 * @property {string} command
 * @property {string[]} args
 * @property {number} [limit] milliseconds
 * @property {() => import("./setup/counts.mjs").Counts} [counts] what the runner reported
 * @property {Record<string, string>} [env]
 */

checkNode();
await installPackages();
const chromium = await findOrInstallTools();
rmSync("test-results", { recursive: true, force: true });

/** Each keeps one processor busy: two run at a time, the longest first. @type {Step[]} */
const readings = ["typecheck", "lint", "check:format", "check:arrows", "check:unused"].map((name) => ({
  command: "npm",
  args: ["run", name],
}));
/** Each keeps all processors busy: one at a time. @type {Step[]} */
const steps = [
  {
    command: "npx",
    args: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${UNIT_REPORT}`],
    counts: () => vitestCounts(UNIT_REPORT),
  },
  { command: "npm", args: ["run", "build"] },
  {
    command: "npx",
    args: ["playwright", "test", "--config", "e2e/playwright.config.ts"],
    limit: 45 * MINUTE,
    counts: () => playwrightCounts(E2E_REPORT),
    env: { TABOR_CHROMIUM: chromium },
  },
];

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const broken = [];

/** @param {Step} step @param {boolean} [held] */
async function take({ command, args, limit = 15 * MINUTE, counts, env = {} }, held = false) {
  const ok = await run(command, args, { limit, env, held });
  const reported = counts?.() ?? { passed: 0, failed: 0, skipped: 0 };
  // A runner that failed without a failed test (a crash, a deadline, no test at all) counts as one failure.
  const failed = ok ? reported.failed : Math.max(1, reported.failed);
  if (failed > 0) broken.push(`${command} ${args.join(" ")}`);
  total.passed += reported.passed;
  total.failed += failed;
  total.skipped += reported.skipped;
}

async function takeReadings() {
  for (let step = readings.shift(); step !== undefined; step = readings.shift()) await take(step, true);
}

await Promise.all([takeReadings(), takeReadings()]);
for (const step of steps) await take(step);

// Once more at the end, where they are found.
for (const failure of [...vitestFailures(UNIT_REPORT), ...playwrightFailures(E2E_REPORT)])
  console.log(`\nfailed: ${failure}`);
for (const step of broken) console.log(`failed: ${step}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
