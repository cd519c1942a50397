import { Fields } from "@tabor/http";
import { describe, expect, it } from "vitest";
import { allowsRequest, isExposed, passesCorsCheck, unsafeNames } from "./cors.ts";

const PAGE = "https://a.example";
const fields = (...lines: [string, string][]): Fields => new Fields(lines);
const allowing = (origin: string, ...more: [string, string][]): Fields =>
  fields(["access-control-allow-origin", origin], ...more);
const CREDENTIALS: [string, string] = ["access-control-allow-credentials", "true"];

describe("the CORS check (Fetch §4.8)", () => {
  it.each<[string, Fields, boolean, boolean]>([
    ["nothing said", fields(), false, false],
    ["everybody", allowing("*"), false, true],
    ["everybody, with cookies", allowing("*", CREDENTIALS), true, false],
    ["the page", allowing(PAGE), false, true],
    ["the page, with cookies that were not allowed", allowing(PAGE), true, false],
    ["the page, with cookies", allowing(PAGE, CREDENTIALS), true, true],
    ["another case of true", allowing(PAGE, ["access-control-allow-credentials", "True"]), true, false],
    ["another origin", allowing("https://b.example"), false, false],
    ["a slash behind", allowing(`${PAGE}/`), false, false],
    ["null", allowing("null"), false, false],
    ["a list", allowing(`${PAGE}, *`), false, false],
    ["two fields", allowing(PAGE, ["access-control-allow-origin", PAGE]), false, false],
  ])("%s", (_what, answer, withCredentials, passes) => {
    expect(passesCorsCheck(answer, PAGE, withCredentials)).toBe(passes);
  });
});

describe("a request is asked about before (Fetch §2.2.2) for", () => {
  it.each<[string, [string, string][], string[]]>([
    ["nothing", [], []],
    [
      "what forms send",
      [
        ["content-type", "text/plain;charset=UTF-8"],
        ["accept", "*/*"],
      ],
      [],
    ],
    ["another type", [["content-type", "application/json"]], ["content-type"]],
    ["a type with more in it", [["content-type", 'text/plain; a="b:c"']], ["content-type"]],
    [
      "fields of its own",
      [
        ["x-b", "1"],
        ["x-a", "1"],
      ],
      ["x-a", "x-b"],
    ],
    ["a long value", [["accept", "a".repeat(129)]], ["accept"]],
    ["a range from the end", [["range", "bytes=-5"]], ["range"]],
  ])("%s", (_what, lines, names) => {
    expect(unsafeNames(fields(...lines))).toEqual(names);
  });
});

describe("an answer to a preflight (Fetch §4.9) allows", () => {
  const asking = (method: string, names: readonly string[], withCredentials = false) => ({
    ...{ method, names, withCredentials },
  });
  it.each<[string, [string, string][], ReturnType<typeof asking>, boolean]>([
    [
      "what it lists",
      [
        ["access-control-allow-methods", "PUT, PATCH"],
        ["access-control-allow-headers", "X-A,x-b"],
      ],
      asking("PUT", ["x-a", "x-b"]),
      true,
    ],
    ["safe methods unsaid", [], asking("POST", []), true],
    ["no other method", [["access-control-allow-methods", "PUT"]], asking("DELETE", []), false],
    ["no method in another case", [["access-control-allow-methods", "put"]], asking("PUT", []), false],
    ["no other field", [["access-control-allow-headers", "x-a"]], asking("GET", ["x-a", "x-b"]), false],
    [
      "all, by an asterisk",
      [
        ["access-control-allow-methods", "*"],
        ["access-control-allow-headers", "*"],
      ],
      asking("PUT", ["x-a"]),
      true,
    ],
    [
      "not who one is, by an asterisk",
      [["access-control-allow-headers", "*"]],
      asking("GET", ["authorization"]),
      false,
    ],
    [
      "nothing by an asterisk, with cookies",
      [["access-control-allow-headers", "*"]],
      asking("GET", ["x-a"], true),
      false,
    ],
  ])("%s", (_what, lines, request, allowed) => {
    expect(allowsRequest(fields(...lines), request)).toBe(allowed);
  });
});

it("shows of an answer what is listed, and what is safe", () => {
  const shown = isExposed(fields(["access-control-expose-headers", "X-A, x-b"]), false);
  expect(["x-a", "content-type", "x-c", "etag"].map(shown)).toEqual([true, true, false, false]);
  const all = fields(["access-control-expose-headers", "*"]);
  expect([isExposed(all, false)("x-c"), isExposed(all, true)("x-c")]).toEqual([true, false]);
});
