import { expect, test } from "vitest";
import { rewriteSrcset } from "./srcset.ts";

/** HTML §4.8.4.2.2, "parse a srcset attribute". */
test.each([
  ["a", "[a]"],
  [" a 1x , b 2.5x,c", "[a] 1x, [b] 2.5x, [c]"],
  ["a, b, ", "[a], [b]"],
  [",,a 100w,", "[a] 100w"],
  ["data:image/png;base64,AA== 2x, b", "[data:image/png;base64,AA==] 2x, [b]"],
  ["a (,) 1x, b", "[a] 1x, [b]"],
  ["a\n1x\t,\fb", "[a] 1x, [b]"],
  ["a,b 2x", "[a,b] 2x"],
  ["a javascript:x", "[a]"],
])("%j", (text, expected) => {
  expect(rewriteSrcset(text, (address) => `[${address}]`)).toBe(expected);
});

test("candidates without an address go, and so does the attribute with the last", () => {
  expect(rewriteSrcset("a, x 2x", (address) => (address === "x" ? undefined : address))).toBe("a");
  expect(rewriteSrcset("x 2x", () => undefined)).toBeUndefined();
  expect(rewriteSrcset(" , ,", (address) => address)).toBeUndefined();
});

test("an address cannot become two", () => {
  expect(rewriteSrcset("a", () => ", b c,")).toBe("%2C%20b%20c%2C");
});
