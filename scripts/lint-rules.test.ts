import { ESLint } from "eslint";
import { describe, expect, test } from "vitest";

const eslint = new ESLint({ cwd: new URL("..", import.meta.url).pathname });

/** Type-aware rules need a file that belongs to a project: these exist, and only their text is replaced. */
const CORE = "packages/onion-core/src/errors.ts";
const PLATFORM = "packages/platform/src/clock.ts";

async function rulesBrokenBy(text: string, filePath = CORE): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe("the core has nothing ambient", () => {
  test.each([
    ["export const now = Date.now();", "no-restricted-properties"],
    ["export const now = new Date();", "no-restricted-syntax"],
    ["export const now = Date();", "no-restricted-syntax"],
    ["const D = Date; export const now = D.now();", "no-restricted-syntax"],
    ["export const x = Math.random();", "no-restricted-properties"],
    ["const { random } = Math; export const x = random();", "no-restricted-properties"],
    ["crypto.getRandomValues(new Uint8Array(1));", "no-restricted-properties"],
    ["export const id = crypto.randomUUID();", "no-restricted-properties"],
    ["setTimeout(() => undefined, 1);", "no-restricted-globals"],
    ["setInterval(() => undefined, 1);", "no-restricted-globals"],
    ["setImmediate(() => undefined);", "no-restricted-globals"],
    ["queueMicrotask(() => undefined);", "no-restricted-globals"],
    ["export const t = performance.now();", "no-restricted-globals"],
    ["export const t = globalThis.performance;", "no-restricted-globals"],
    ["export const e = process.env;", "no-restricted-globals"],
    ["void fetch('http://a/');", "no-restricted-globals"],
    ["export const s = new WebSocket('ws://a/');", "no-restricted-globals"],
    ["export const p = new RTCPeerConnection();", "no-restricted-globals"],
  ])("%s", async (text, rule) => {
    expect(await rulesBrokenBy(text)).toContain(rule);
  });

  test("elsewhere a clock may be read", async () => {
    expect(await rulesBrokenBy("export const now = Date.now();\n", PLATFORM)).toEqual([]);
  });
});

describe("everywhere", () => {
  test.each([
    ["export const x: any = 1;", "@typescript-eslint/no-explicit-any"],
    ["export const f = (x?: string): number => x!.length;", "@typescript-eslint/no-non-null-assertion"],
    ["export default 1;", "no-restricted-exports"],
    ["console.log('x');", "no-console"],
    ["import { a } from './a'; export const b = a;", "no-restricted-imports"],
    ["export const f = async (): Promise<void> => {}; f();", "@typescript-eslint/no-floating-promises"],
    [
      "import { TaborError } from './bytes/bytes.ts'; export type E = TaborError;",
      "@typescript-eslint/consistent-type-imports",
    ],
    [
      "export function f(x: 'a' | 'b'): number { switch (x) { case 'a': return 1; } return 2; }",
      "@typescript-eslint/switch-exhaustiveness-check",
    ],
    [
      `export function f(x: number): number {\n${"  x += 1;\n".repeat(61)}  return x;\n}`,
      "max-lines-per-function",
    ],
    [`export const f = (x: number): boolean => ${"x > 1 || ".repeat(13)} x < 9;`, "complexity"],
    ["export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e;", "max-params"],
  ])("%s", async (text, rule) => {
    expect(await rulesBrokenBy(text, PLATFORM)).toContain(rule);
  });

  test("a plain function breaks nothing", async () => {
    const text = "/** Twice x. */\nexport function twice(x: number): number {\n  return 2 * x;\n}\n";
    expect(await rulesBrokenBy(text)).toEqual([]);
  });
});
