import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.mjs";
import { run } from "./run.mjs";

/** Ends the process with one sentence when Node is older than `package.json` asks for. */
export function checkNode() {
  const wanted = readPackageFile("package.json").engines?.node.replace(">=", "") ?? "";
  const [major = 0, minor = 0] = wanted.split(".").map(Number);
  const [ourMajor = 0, ourMinor = 0] = process.versions.node.split(".").map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  console.error(`Tabor needs Node ${wanted} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Runs `npm ci` unless what is installed is what the lockfile says. */
export async function installPackages() {
  if (packagesAreCurrent()) return;
  if (await run("npm", ["ci"], { limit: 600_000 })) return;
  console.error("npm ci failed: nothing else can run without the packages.");
  console.log("\n0 passed, 1 failed");
  process.exit(1);
}

/**
 * Whether what is installed is what the lockfile says. npm writes down what it installed; packages for other platforms
 * are not there.
 */
export function packagesAreCurrent() {
  const installed = "node_modules/.package-lock.json";
  if (!existsSync(join(ROOT, installed))) return false;
  const have = readPackageFile(installed).packages ?? {};
  return Object.entries(readPackageFile("package-lock.json").packages ?? {})
    .filter(([path, { optional }]) => path.includes("node_modules/") && optional !== true)
    .every(([path, { version }]) => have[path] !== undefined && have[path].version === version);
}

/**
 * @typedef {object} PackageFile
 * @property {{ node: string }} [engines]
 * @property {Record<string, { version?: string, optional?: boolean }>} [packages]
 */

/** @param {string} file package.json, or a lockfile @returns {PackageFile} */
function readPackageFile(file) {
  /** @type {unknown} */
  const content = JSON.parse(readFileSync(join(ROOT, file), "utf8"));
  return /** @type {PackageFile} */ (content);
}
