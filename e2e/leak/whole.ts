/**
 * `npm run test:leak`: every vector, in every browser and mode; some of these side by side, each in a namespace of its own, for much
 * of the time is waiting. `-- browser=… mode=… vector=…`: these only. Ends with one line, and with 1 if something leaked.
 */
import { availableParallelism } from "node:os";
import { prepare } from "../../scripts/prepare.mjs";
import { BROWSERS } from "./browsers.ts";
import { namespaceFlags, runLeakTests } from "./harness.ts";
import type { Findings } from "./run.ts";
import { MODES, type Mode } from "./site.ts";
import { blindVectors, problemsOf } from "./verdict.ts";

const AT_ONCE = 2 * availableParallelism();
const NAMES = BROWSERS.map(({ name }) => name);

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
  // Those in the app take longest, and come first.
  const jobs = wanted("mode", MODES)
    .reverse()
    .flatMap((mode) => wanted("browser", NAMES).map((browser) => ({ mode, browser })));
  const vectors = words.filter(isVector);
  const { all, ended } = await take(namespace, jobs, vectors);
  return [
    ...missing,
    ...ended,
    ...(all.length === 0 ? ["nothing was tried"] : []),
    ...all.flatMap(problemsOf),
    ...(await stillBlind(namespace, blindVectors(all))),
  ];
}

/** On a busy machine a click can miss: vectors that reached nobody are tried once more, without all the others. */
async function stillBlind(namespace: string, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const jobs = NAMES.map((browser) => ({ mode: "open", browser }) as const);
  const again = await take(
    namespace,
    jobs,
    names.map((name) => `vector=${name}`),
  );
  const blind = blindVectors(again.all).map((name) => `${name} reached nobody in the open, in any browser`);
  return [...again.ended, ...blind];
}

interface Job {
  readonly mode: Mode;
  readonly browser: string;
}

/** @returns what was found, and in a sentence each what ended before its time. */
async function take(
  namespace: string,
  jobs: Job[],
  vectors: readonly string[],
): Promise<{ all: Findings[]; ended: string[] }> {
  const all: Findings[] = [];
  const ended: string[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const chosen = [...vectors, `mode=${job.mode}`, `browser=${job.browser}`];
      const code = await runLeakTests({ flags: namespace, words: chosen }, (findings) => {
        all.push(findings);
        console.log(lineOf(findings));
      });
      if (code !== 0) ended.push(`${job.browser}, ${job.mode}: the harness ended with ${code}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { all, ended };
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
