import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExitPolicy } from "./exit-policy.ts";
import { parseIpAddress } from "./ip-network.ts";
import { PolicySummary } from "./policy-summary.ts";

const file = new URL("../../test-vectors/exit-policy-summary.json", import.meta.url);
const { policy_items_not_accepted: refusedItems } = JSON.parse(readFileSync(file, "utf8")) as {
  policy_items_not_accepted: { item: string }[];
};

function address(text: string): Uint8Array {
  const bytes = parseIpAddress(text);
  if (!bytes) throw new Error(`not an address: ${text}`);
  return bytes;
}

function allows(policy: ExitPolicy, target: string, port = 80): boolean {
  return policy.allows(address(target), port);
}

describe("parse", () => {
  test.each(refusedItems)("published as not accepted: $item", ({ item }) => {
    expect(() => ExitPolicy.parse(item)).toThrow(`exit policy: "${item}": `);
  });

  test.each([
    ["allow *:80", 'a rule is "accept" or "reject"'],
    ["accept", 'a rule is "accept" or "reject"'],
    ["accept *:80,,reject *:*", 'exit policy: ""'],
    ["accept *:80,", 'exit policy: ""'],
    ["accept *:0", "ports are"],
    ["accept *:65536", "ports are"],
    ["accept *:80-", "ports are"],
    ["accept *:", "ports are"],
    ["accept 1.2.3:80", "the address"],
    ["accept 1.2.3.256:80", "the address"],
    ["accept 0x7f.0.0.1:80", "the address"],
    ["accept 017.0.0.1:80", "the address"],
    ["accept 1.2.3.4/08:80", "the address"],
    ["accept private/8:80", "the address"],
    ["accept [fe80::1%eth0]:80", "the address"],
    ["accept [1.2.3.4]:80", "brackets"],
    ["accept [1.2.3.4:80", "brackets"],
    ["accept [*]:80", "brackets"],
    ["reject [::ffff:8.8.8.8]:80", "IPv4-mapped"],
    ["accept ::1:80", "brackets"],
    ["accept *:80 reject", 'a rule is "accept" or "reject"'],
  ])("refuses %j with a reason", (text, reason) => {
    expect(() => ExitPolicy.parse(text)).toThrow(reason);
  });

  test("no rules accept every public address", () => {
    expect(allows(ExitPolicy.parse(" "), "8.8.8.8")).toBe(true);
  });
});

describe("allows", () => {
  test("the first rule that matches decides", () => {
    const policy = ExitPolicy.parse("reject 8.8.0.0/16:80,accept 8.0.0.0/8:80-90,reject *:*");
    expect(allows(policy, "8.8.8.8", 80)).toBe(false);
    expect(allows(policy, "8.8.8.8", 81)).toBe(true);
    expect(allows(policy, "8.9.8.8", 80)).toBe(true);
    expect(allows(policy, "9.9.9.9", 80)).toBe(false);
    expect(allows(policy, "8.9.8.8", 91)).toBe(false);
  });

  test("prefixes that end inside a byte", () => {
    const policy = ExitPolicy.parse("reject 8.8.8.64/26:*,reject [2600::8000]/113:*");
    expect(
      ["8.8.8.63", "8.8.8.64", "8.8.8.127", "8.8.8.128"].map((target) => allows(policy, target)),
    ).toEqual([true, false, false, true]);
    expect(["2600::7fff", "2600::8000", "2600::ffff"].map((target) => allows(policy, target))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("*4, *6, accept6 and reject6 keep to their family", () => {
    expect(allows(ExitPolicy.parse("reject *4:*"), "2600::1")).toBe(true);
    expect(allows(ExitPolicy.parse("reject *4:*"), "8.8.8.8")).toBe(false);
    expect(allows(ExitPolicy.parse("reject *6:*"), "8.8.8.8")).toBe(true);
    expect(allows(ExitPolicy.parse("reject6 *:*"), "8.8.8.8")).toBe(true);
    expect(allows(ExitPolicy.parse("reject6 *:*"), "2600::1")).toBe(false);
    expect(allows(ExitPolicy.parse("accept6 [2600::1]:80,reject *:*"), "2600::1")).toBe(true);
  });

  test("the default refuses mail, file sharing and everything private", () => {
    const policy = ExitPolicy.ofExit();
    for (const port of [25, 119, 135, 139, 445, 563, 1214, 4661, 6429, 6699, 6881, 6999]) {
      expect(allows(policy, "8.8.8.8", port)).toBe(false);
    }
    for (const port of [1, 22, 80, 443, 465, 587, 65_535]) expect(allows(policy, "8.8.8.8", port)).toBe(true);
    expect(allows(policy, "127.0.0.1")).toBe(false);
  });

  test("private addresses that the operator names are allowed, and only those", () => {
    const policy = ExitPolicy.ofExit("accept 127.0.0.0/8:*, accept [::1]:8080");
    expect(allows(policy, "127.0.0.1", 25)).toBe(true);
    expect(allows(policy, "::ffff:127.0.0.1")).toBe(true);
    expect(allows(policy, "::1", 8080)).toBe(true);
    expect(allows(policy, "::1", 8081)).toBe(false);
    expect(allows(policy, "10.0.0.1")).toBe(false);
    expect(allows(ExitPolicy.ofExit("accept private:8080"), "192.168.1.1", 8080)).toBe(true);
    expect(allows(ExitPolicy.ofExit("accept private:8080"), "192.168.1.1", 8081)).toBe(false);
  });

  test.each([
    "accept *:*",
    "accept *4:*,accept *6:*",
    "accept 0.0.0.0/0:*,accept [::]/0:*",
    "accept 0.0.0.0/1:*",
    "",
  ])("%j opens no private address: it names none", (rules) => {
    for (const policy of [ExitPolicy.parse(rules), ExitPolicy.ofExit(rules)]) {
      expect(
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254"].filter((a) => allows(policy, a)),
      ).toEqual([]);
      expect(allows(policy, "8.8.8.8", 81)).toBe(true);
    }
  });

  test("a rule about IPv4 cannot be avoided through an IPv6 address that carries it", () => {
    const policy = ExitPolicy.ofExit("reject 8.8.8.8:*");
    const spellings = ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"];
    expect(spellings.filter((spelling) => allows(policy, spelling))).toEqual([]);
    expect(allows(policy, "64:ff9b::9.9.9.9")).toBe(true);
    const loopback = ExitPolicy.ofExit("accept private:*,reject 127.0.0.0/8:*");
    expect(allows(loopback, "10.0.0.1")).toBe(true);
  });

  test("nothing that is no address or no port", () => {
    const policy = ExitPolicy.parse("accept *:*,accept private:*");
    expect([0, 3, 5, 15, 17].filter((length) => policy.allows(new Uint8Array(length), 80))).toEqual([]);
    expect([0, -1, 1.5, 65_536, Number.NaN].filter((port) => allows(policy, "8.8.8.8", port))).toEqual([]);
  });

  test("reads addresses that are views", () => {
    const view = Uint8Array.from([1, 2, 127, 0, 0, 1, 9]).subarray(2, 6);
    expect(ExitPolicy.ofExit().allows(view, 80)).toBe(false);
    expect(ExitPolicy.ofExit("accept 127.0.0.1:80").allows(view, 80)).toBe(true);
  });
});

test("a policy of port rules alone is told exactly by its summary", () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  const rule = fc
    .tuple(fc.constantFrom("accept", "reject"), port, port)
    .map(([verb, a, b]) => `${verb} *:${Math.min(a, b)}-${Math.max(a, b)}`);
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 6 }),
      fc.array(port, { minLength: 1 }),
      (rules, ports) => {
        const policy = ExitPolicy.parse(rules.join(","));
        for (const family of [4, 6] as const) {
          const summary = PolicySummary.parse(policy.summary(family));
          const target = family === 4 ? "8.8.8.8" : "2600::1";
          for (const each of ports) expect(summary.allows(each)).toBe(allows(policy, target, each));
        }
      },
    ),
    { numRuns: 30 },
  );
});
