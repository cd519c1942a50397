/**
 * `npm run test:leak`: every vector, in every browser and mode; some of these side by side, each in a namespace of its own, for much
 * of the time is waiting. `-- browser=… mode=… vector=…`: these only. Ends with one line, and with 1 if something leaked.
 */
import { availableParallelism } from "node:os";
import { prepare } from "../../scripts/prepare.mjs";
import { BROWSERS } from "./browsers.ts";
import { namespaceFlags, runLeakTests } from "./harness.ts";
import type { Findings } from "./run.ts";
import { MODES } from "./site.ts";
import { blindVectors, problemsOf } from "./verdict.ts";

const AT_ONCE = 2 * availableParallelism();

await prepare({ web: true, say: (line: string) => console.log(line) });
const words = process.argv.slice(2);
const flags = namespaceFlags();
const missing = BROWSERS.filter(({ path }) => path === undefined).map(
  ({ name }) => `${name} is not on this machine`,
);
const problems: string[] =
  flags === undefined
    ? ["this machine makes no network namespaces (Linux, `unshare`, `ip`, root or user namespaces)"]
    : await run(flags);
for (const problem of problems) console.log(`failed: ${problem}`);
console.log(problems.length === 0 ? "\nnothing leaked" : `\n${problems.length} failed`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function run(namespace: string): Promise<string[]> {
  const all: Findings[] = [];
  const ended: string[] = [];
  // Those in the app take longest, and come first.
  const jobs = wanted("mode", MODES)
    .reverse()
    .flatMap((mode) =>
      wanted(
        "browser",
        BROWSERS.map(({ name }) => name),
      ).map((browser) => ({ mode, browser })),
    );
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const chosen = [...words.filter(isVector), `mode=${job.mode}`, `browser=${job.browser}`];
      const code = await runLeakTests({ flags: namespace, words: chosen }, (findings) => {
        all.push(findings);
        console.log(lineOf(findings));
      });
      if (code !== 0) ended.push(`${job.browser}, ${job.mode}: the harness ended with ${code}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [
    ...missing,
    ...ended,
    ...(all.length === 0 ? ["nothing was tried"] : []),
    ...all.flatMap(problemsOf),
    ...blindVectors(all),
  ];
}

/** Of these names those that the command line has; all, if it has none. */
function wanted<Name extends string>(what: string, names: readonly Name[]): Name[] {
  const asked = words.filter((word) => word.startsWith(`${what}=`));
  return names.filter((name) => asked.length === 0 || asked.includes(`${what}=${name}`));
}

function isVector(word: string): boolean {
  return word.startsWith("vector=");
}

function lineOf({ browser, mode, vectors, leaks, ran }: Findings): string {
  if (mode === "app-standard" && ran === undefined) return `${browser}, ${mode}: refused`;
  const names = Object.keys(leaks);
  const told = mode === "open" || names.length === 0 ? "" : `: ${names.join(", ")}`;
  return `${browser}, ${mode}: ${names.length} of ${vectors} vectors leaked${told}`;
}
