import { describe, expect, it } from "vitest";
import { afterSetting } from "./cookies.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

describe("document.cookie after", () => {
  it.each([
    ["", "a=b", "a=b"],
    ["a=b", "c=d; Path=/; Secure; SameSite=Lax", "a=b; c=d"],
    ["a=b; c=d", "a = x y ", "a=x y; c=d"],
    ["a=b; c=d", "a=; Max-Age=0", "c=d"],
    ["a=b; c=d", "c=; expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=b"],
    ["a=b", "a=c; expires=Thu, 01 Jan 1970 00:00:00 GMT; max-age=60", "a=c"],
    ["a=b", "a=c; expires=Fri, 01 Jan 2100 00:00:00 GMT", "a=c"],
    ["a=b", "a=c; HttpOnly", "a=b"],
    ["a=b", "", "a=b"],
    ["a=b", "=", "a=b"],
    ["a=b", "x", "a=b; x"],
    ["", "a=b=c", "a=b=c"],
    ["a=b", "c=d\r\nSet-Cookie: e=f", "a=b"],
    ["a=b", "c=d; max-age=soon", "a=b; c=d"],
  ])("%j, set %j", (shown, set, expected) => {
    expect(afterSetting(shown, set, NOW)).toBe(expected);
  });
});
