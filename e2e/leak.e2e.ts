/** Nothing of a page leaves the browser: some of the vectors, in Chromium. All of them, in all browsers: `npm run test:leak`. */
import { expect, test } from "@playwright/test";
import { namespaceFlags, runLeakTests } from "./leak/harness.ts";
import type { Findings } from "./leak/run.ts";
import { problemsOf } from "./leak/verdict.ts";

const flags = namespaceFlags();

test("what a page tries, at either level, reaches nobody; in the open it does", async () => {
  test.skip(
    flags === undefined,
    "No leak was looked for: this machine makes no network namespaces (Linux, `unshare`, `ip`, root or user namespaces).",
  );
  test.setTimeout(600_000);
  const all: Findings[] = [];
  const code = await runLeakTests({ flags: flags ?? "", words: ["short"] }, (findings) => all.push(findings));
  expect(code).toBe(0);
  expect(all.map(({ mode }) => mode)).toEqual(["open", "app", "app-standard"]);
  expect(all.flatMap(problemsOf)).toEqual([]);
});
