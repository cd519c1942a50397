/**
 * Checks the arrows of `.dependency-cruiser.mjs`. Fails also when dependency-cruiser saw fewer modules than there are
 * source files (with a TypeScript that it does not know it checks nothing and reports success), or when there is a
 * folder that no rule speaks of.
 */
import { readdirSync } from "node:fs";
import { relative, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { ROOT } from "./root.mjs";
import config, { PACKAGES, STRATA } from "../.dependency-cruiser.mjs";

/** @param {string} root a checkout @returns {Promise<{ modules: number, problems: string[] }>} */
export async function checkArrows(root) {
  const { forbidden, options } = config;
  const { output } = await cruise(
    ["packages", "apps"],
    { ...options, ruleSet: { forbidden }, validate: true, baseDir: root },
    { bustTheCache: true },
    { tsConfig: extractTSConfig(join(ROOT, "tsconfig.json")) },
  );
  if (typeof output === "string") throw new Error("dependency-cruiser gave no result");
  const seen = new Set(output.modules.map((module) => module.source));
  const unseen = sources(root).filter((file) => !seen.has(file));
  return {
    modules: output.modules.length,
    problems: [
      ...output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
      ...unseen.map((file) => `not looked at: ${file}`),
      ...unknown(root, "packages", PACKAGES),
      ...unknown(root, "packages/onion-core/src", [...STRATA.flat(), "testing", "scenarios"]),
    ],
  };
}

/** @param {string} root */
function sources(root) {
  return ["packages", "apps"]
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/(?:^|\/)(?:node_modules|dist)\//.test(file));
}

/** @param {string} root @param {string} folder @param {readonly string[]} known */
function unknown(root, folder, known) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !known.includes(entry.name))
    .map((entry) => `no rule speaks of ${folder}/${entry.name}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { modules, problems } = await checkArrows(ROOT);
  for (const problem of problems) console.error(problem);
  console.log(`${modules} modules looked at, ${problems.length} arrows broken`);
  if (problems.length > 0) process.exitCode = 1;
}
