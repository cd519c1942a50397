import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ExitPolicy } from "./exit-policy.ts";
import { isCanonicalSummary, PolicySummary } from "./policy-summary.ts";

interface Vectors {
  summaries: { policy: string; summary_ipv4: string; summary_ipv6: string }[];
  short_policy_parse: { input: string; normalised: string }[];
  short_policy_invalid: string[];
  policy_items_not_accepted: { item: string }[];
}
const file = new URL("../../test-vectors/exit-policy-summary.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const malformed = expect.objectContaining({ code: "malformed" }) as Error;

test("the file holds all published entries", () => {
  const counts = Object.values(vectors).map((list: unknown) => (Array.isArray(list) ? list.length : 0));
  expect(counts.filter((count) => count > 1)).toEqual([14, 7, 11, 9]);
});

describe("ExitPolicy.summary", () => {
  test.each(vectors.summaries)("published: $policy", ({ policy, summary_ipv4, summary_ipv6 }) => {
    const parsed = ExitPolicy.parse(policy);
    expect(parsed.summary(4)).toBe(summary_ipv4);
    expect(parsed.summary(6)).toBe(summary_ipv6);
  });

  test("every published summary is canonical", () => {
    const summaries = vectors.summaries.flatMap(({ summary_ipv4, summary_ipv6 }) => [
      summary_ipv4,
      summary_ipv6,
    ]);
    expect(summaries.filter((summary) => !isCanonicalSummary(summary))).toEqual([]);
  });

  test("the default policy", () => {
    const summary = "reject 25,119,135-139,445,563,1214,4661-4666,6346-6429,6699,6881-6999";
    expect(ExitPolicy.ofExit().summary(4)).toBe(summary);
    expect(ExitPolicy.ofExit().summary(6)).toBe(summary);
  });

  test("does not change because the operator allows private addresses", () => {
    const allowing = ExitPolicy.ofExit("accept private:*,accept 127.0.0.0/8:*,accept [::1]:*");
    expect(allowing.summary(4)).toBe(ExitPolicy.ofExit().summary(4));
    expect(allowing.summary(6)).toBe(ExitPolicy.ofExit().summary(6));
  });

  test("a relay that is no exit", () => {
    expect(ExitPolicy.parse("reject *:*").summary(4)).toBe("reject 1-65535");
  });
});

describe("PolicySummary.parse", () => {
  test.each(vectors.short_policy_parse)("published: $input", ({ input, normalised }) => {
    expect(PolicySummary.parse(input).toString()).toBe(normalised);
  });

  test.each(vectors.short_policy_invalid)("published as invalid: %j", (input) => {
    expect(() => PolicySummary.parse(input)).toThrow(malformed);
  });
});

describe("PolicySummary.allows", () => {
  test("accept allows what it lists", () => {
    const summary = PolicySummary.parse("accept 80,400-443");
    expect([79, 80, 81, 399, 400, 443, 444].map((port) => summary.allows(port))).toEqual([
      false,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  test("reject allows what it does not list", () => {
    const summary = PolicySummary.parse("reject 25,135-139");
    expect([24, 25, 26, 135, 139, 140].map((port) => summary.allows(port))).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
    ]);
  });
});

test.each([
  "accept 80,80",
  "accept 80,81",
  "accept 443,80",
  "accept 080",
  "accept 80,",
  "accept 1-1",
  "accept  80",
  "",
])("not canonical: %j", (text) => {
  expect(isCanonicalSummary(text)).toBe(false);
});
