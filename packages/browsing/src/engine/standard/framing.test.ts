import { Fields } from "@tabor/http";
import { describe, expect, it } from "vitest";
import { mayBeFramed } from "./framing.ts";

const URL_OF_FRAME = new URL("https://pay.example/form");
const OTHER = new URL("https://shop.example");
const OWN = new URL("https://pay.example");

describe("a document in a frame", () => {
  it.each<[string, readonly [string, string][], readonly URL[], boolean]>([
    ["of which nothing is said", [], [OTHER], true],
    ["DENY", [["x-frame-options", "DENY"]], [OWN], false],
    ["SAMEORIGIN, of its own origin", [["x-frame-options", "SameOrigin"]], [OWN], true],
    ["SAMEORIGIN, of another", [["x-frame-options", "SAMEORIGIN"]], [OTHER], false],
    ["SAMEORIGIN, of another further up", [["x-frame-options", "SAMEORIGIN"]], [OWN, OTHER], false],
    ["two that contradict", [["x-frame-options", "SAMEORIGIN, ALLOWALL"]], [OWN], false],
    ["what nobody knows", [["x-frame-options", "ALLOW-FROM https://x"]], [OTHER], true],
    ["none", [["content-security-policy", "frame-ancestors 'none'"]], [OWN], false],
    ["an empty list", [["content-security-policy", "frame-ancestors"]], [OWN], false],
    ["self", [["content-security-policy", "a; frame-ancestors 'self'"]], [OWN], true],
    ["self, of another", [["content-security-policy", "frame-ancestors 'self'"]], [OTHER], false],
    ["anybody", [["content-security-policy", "frame-ancestors *"]], [OTHER], true],
    ["a host", [["content-security-policy", "frame-ancestors shop.example"]], [OTHER], true],
    ["a host below", [["content-security-policy", "frame-ancestors *.shop.example"]], [OTHER], false],
    ["another port", [["content-security-policy", "frame-ancestors shop.example:8443"]], [OTHER], false],
    ["any port", [["content-security-policy", "frame-ancestors http://shop.example:*"]], [OTHER], true],
    ["a scheme", [["content-security-policy", "frame-ancestors https:"]], [OTHER], true],
    ["another scheme", [["content-security-policy", "frame-ancestors app:"]], [OTHER], false],
    ["what is no source", [["content-security-policy", "frame-ancestors $x"]], [OTHER], false],
    [
      "a policy that goes before the options",
      [
        ["x-frame-options", "DENY"],
        ["content-security-policy", "frame-ancestors https://shop.example"],
      ],
      [OTHER],
      true,
    ],
    [
      "two policies",
      [
        ["content-security-policy", "frame-ancestors *, frame-ancestors 'self'"],
        ["content-security-policy", "img-src *"],
      ],
      [OTHER],
      false,
    ],
  ])("with %s", (_what, fields, ancestors, expected) => {
    expect(mayBeFramed(new Fields(fields), URL_OF_FRAME, ancestors)).toBe(expected);
  });
});
