/** `npm run test:leak`: every vector, in every browser and mode. Ends with one line, and with 1 if something leaked. */
import { prepare } from "../../scripts/prepare.mjs";
import { BROWSERS } from "./browsers.ts";
import { namespaceFlags, runLeakTests } from "./harness.ts";
import type { Findings } from "./run.ts";
import { blindVectors, problemsOf } from "./verdict.ts";

await prepare({ web: true, say: (line: string) => console.log(line) });
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
  const code = await runLeakTests({ flags: namespace, words: process.argv.slice(2) }, (findings) => {
    all.push(findings);
    console.log(lineOf(findings));
  });
  const ended = code === 0 ? [] : [`the harness ended with ${code}`];
  return [
    ...missing,
    ...ended,
    ...(all.length === 0 ? ["nothing was tried"] : []),
    ...all.flatMap(problemsOf),
    ...blindVectors(all),
  ];
}

function lineOf({ browser, mode, vectors, leaks, ran }: Findings): string {
  if (mode === "app-standard" && ran === undefined) return `${browser}, ${mode}: refused`;
  const names = Object.keys(leaks);
  const told = mode === "open" || names.length === 0 ? "" : `: ${names.join(", ")}`;
  return `${browser}, ${mode}: ${names.length} of ${vectors} vectors leaked${told}`;
}
