import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { checkArrows } from "./check-arrows.mjs";

const roots: string[] = [];
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })));

/** A checkout in which each file imports the given others. */
function checkout(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "tabor-arrows-"));
  roots.push(root);
  const all = { "packages/onion-core/src/errors.ts": "", "apps/node/src/main.ts": "", ...files };
  for (const [file, imports] of Object.entries(all)) {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `${imports === "" ? "" : `import { x as y } from "${imports}"; export const z = y;`}export const x = 1;`,
    );
  }
  return root;
}

const core = (file: string): string => `packages/onion-core/src/${file}`;

describe("broken arrows", () => {
  test.each([
    [core("bytes/a.ts"), "../cell/b.ts", core("cell/b.ts"), "core-strata-bytes"],
    [core("circuit/a.ts"), "../stream/b.ts", core("stream/b.ts"), "core-strata-circuit"],
    [core("relay/a.ts"), "../client/b.ts", core("client/b.ts"), "core-strata-relay"],
    [core("crypto/a.ts"), "../index.ts", core("index.ts"), "core-strata-crypto"],
    [core("cell/a.ts"), "../testing/b.ts", core("testing/b.ts"), "no-test-code-in-production"],
    [core("cell/a.ts"), "../../../http/src/b.ts", "packages/http/src/b.ts", "arrows-onion-core"],
    ["packages/http/src/a.ts", "../../rtc-link/src/b.ts", "packages/rtc-link/src/b.ts", "arrows-http"],
    ["packages/http/src/a.ts", "../../../apps/node/src/b.ts", "apps/node/src/b.ts", "arrows-http"],
    ["apps/web/src/a.ts", "../../node/src/b.ts", "apps/node/src/b.ts", "no-app-imports-another-web"],
    [
      "apps/web/src/a.ts",
      "../../../packages/platform/src/b.ts",
      "packages/platform/src/b.ts",
      "only-programs-use-the-platform",
    ],
    [core("cell/a.ts"), "node:fs", core("cell/b.ts"), "core-is-not-for-node"],
    [core("cell/a.ts"), "./missing.ts", core("cell/b.ts"), "no-unresolved"],
  ])("%s importing %s", async (from, imports, to, rule) => {
    const { problems } = await checkArrows(checkout({ [to]: "", [from]: imports }));
    expect(problems.map((problem) => problem.split(":")[0])).toContain(rule);
  });

  test("a cycle", async () => {
    const { problems } = await checkArrows(
      checkout({ [core("cell/a.ts")]: "./b.ts", [core("cell/b.ts")]: "./a.ts" }),
    );
    expect(problems.join()).toContain("no-cycles");
  });

  test("folders that no rule speaks of", async () => {
    const { problems } = await checkArrows(
      checkout({ [core("extras/a.ts")]: "", "packages/new/src/a.ts": "" }),
    );
    expect(problems).toEqual([
      "no rule speaks of packages/new",
      "no rule speaks of packages/onion-core/src/extras",
    ]);
  });
});

test("arrows that hold break nothing, and every module is looked at", async () => {
  const root = checkout({
    [core("bytes/a.ts")]: "../errors.ts",
    [core("client/b.ts")]: "../directory/c.ts",
    [core("directory/c.ts")]: "../bytes/a.ts",
    "packages/platform/src/d.ts": "../../onion-core/src/errors.ts",
    "apps/web/src/main.ts": "../../../packages/platform/src/d.ts",
  });
  expect(await checkArrows(root)).toEqual({ modules: 7, problems: [] });
});
