/**
 * Makes a checkout ready to run: installs dependencies unless they are what `package-lock.json` says, and
 * builds what is older than its sources. Nothing but Node is needed before.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./root.mjs";
import { packagesAreCurrent } from "./setup/packages.mjs";

const PROGRAMS = {
  what: "the programs",
  stamp: join(ROOT, "apps", "node", "dist", ".built"),
  sources: [
    "packages",
    "apps/signal/src",
    "apps/node/src",
    "scripts/build-programs.mjs",
    "package-lock.json",
  ],
};
const WEB = {
  what: "the web app",
  stamp: join(ROOT, "apps", "web", "dist", ".built"),
  sources: ["packages", "apps/web", "package.json", "package-lock.json"],
};

/** @param {{ web: boolean, say: (line: string) => void }} options @throws {Error} with a sentence for the user. */
export async function prepare({ web, say }) {
  if (!packagesAreCurrent()) {
    say("Installing dependencies (once; this takes a minute) …");
    await run(
      "npm",
      ["ci", "--include=dev", "--no-audit", "--no-fund"],
      "The dependencies could not be installed",
    );
  }
  if (isStale(PROGRAMS)) {
    say("Building the programs …");
    const { buildPrograms } = await import("./build-programs.mjs");
    await stamped(PROGRAMS, buildPrograms);
  }
  if (web && isStale(WEB)) {
    say("Building the web app …");
    await stamped(WEB, () =>
      run("npm", ["run", "build", "--workspace", "@tabor/web"], "The web app could not be built"),
    );
  }
}

/** @param {{ stamp: string, sources: readonly string[] }} built */
function isStale({ stamp, sources }) {
  const builtAt = modifiedAt(stamp);
  return builtAt === 0 || sources.some((path) => newest(join(ROOT, path)) > builtAt);
}

/**
 * Builds, and notes when that began: what is changed meanwhile is newer.
 * @param {{ stamp: string }} built
 * @param {() => Promise<unknown>} build
 */
async function stamped({ stamp }, build) {
  const began = new Date();
  await build();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, "");
  utimesSync(stamp, began, began);
}

/**
 * When the newest file under a path was changed, tests, output and libraries apart.
 * @param {string} path
 * @returns {number} milliseconds, 0 if there is none
 */
function newest(path) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "node_modules" || name === "dist" || name.endsWith(".test.ts")) return 0;
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status?.isDirectory()) return status?.mtimeMs ?? 0;
  return Math.max(0, ...readdirSync(path).map((entry) => newest(`${path}/${entry}`)));
}

/** @param {string} path @returns {number} */
function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * Runs a command in the checkout; what it prints is shown only if it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} failure
 */
function run(command, args, failure) {
  return new Promise((resolve, reject) => {
    // On Windows, npm is a script that only a shell starts.
    const child = spawn(command, args, {
      cwd: ROOT,
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    /** @type {Buffer[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (/** @type {Buffer} */ chunk) => output.push(chunk));
    child.once("error", (error) => {
      reject(new Error(`${failure}: ${error.message}.`));
    });
    child.once("close", (code) => {
      if (code === 0) resolve(undefined);
      else
        reject(
          new Error(
            `${Buffer.concat(output).toString()}\n${failure}: "${command} ${args.join(" ")}" failed.`,
          ),
        );
    });
  });
}
