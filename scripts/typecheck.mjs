/** Runs the TypeScript compiler over every project: the packages, the apps, and the tests and tools at the root. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

const members = ["packages", "apps"].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => join(folder, name)),
);
const projects = [".", ...members].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((file) => /^tsconfig(?!\.base).*\.json$/.test(file))
    .map((file) => join(folder, file)),
);

const missing = members.filter(
  (member) => !projects.some((project) => project.startsWith(join(member, "/"))),
);
if (missing.length > 0) throw new Error(`no tsconfig.json in ${missing.join(", ")}`);

for (const project of projects) {
  const { status } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", project], {
    cwd: ROOT,
    stdio: "inherit",
  });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${project}`);
  if (status !== 0) process.exitCode = 1;
}
