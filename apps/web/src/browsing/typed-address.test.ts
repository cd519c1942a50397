import { expect, test } from "vitest";
import { readTyped, shownAddress } from "./typed-address.ts";

test.each([
  ["example.org", "https://example.org/"],
  ["  example.org/a?b#c ", "https://example.org/a?b#c"],
  ["localhost:8080", "https://localhost:8080/"],
  ["http://example.org", "http://example.org/"],
  ["https://user:secret@example.org/", "https://example.org/"],
  ["bücher.example", "https://xn--bcher-kva.example/"],
  ["[::1]:81/x", "https://[::1]:81/x"],
  ["Tabor:About", "tabor:about"],
])("%j is %s", (typed, url) => {
  expect(readTyped(typed)).toEqual({ kind: "url", url });
});

test.each([
  ["", "Type the address"],
  ["how do onions grow", "no search"],
  ["https://", "not an address"],
  ["ftp://example.org", "not ftp:"],
  ["javascript:alert(1)", "not javascript:"],
  ["data:text/html,x", "not data:"],
  ["tabor:nothing", "not tabor:"],
])("%j is none: %s", (typed, why) => {
  const read = readTyped(typed);
  expect(read.kind === "invalid" && read.why).toContain(why);
});

test.each([
  ["https://example.org/", "example.org"],
  ["https://example.org/a/", "example.org/a/"],
  ["http://example.org/", "http://example.org"],
  ["tabor:start", ""],
  ["tabor:about", "tabor:about"],
])("%s is shown as %j, and that leads to it", (url, text) => {
  expect(shownAddress(url)).toBe(text);
  if (text !== "") expect(readTyped(text)).toEqual({ kind: "url", url });
});
