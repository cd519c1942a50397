import { expect, test } from "vitest";
import { firstPartySite, isSameSite } from "./first-party.ts";

test.each([
  ["https://www.example.co.uk/", "example.co.uk"],
  ["https://example.org:8443/x", "example.org"],
  ["https://EXAMPLE.org./", "example.org"],
  ["https://someone.github.io/", "someone.github.io"],
  ["https://github.io/", "github.io"],
  ["https://a.b.shop.test/", "shop.test"],
  ["https://localhost/", "localhost"],
  ["https://127.0.0.1/", "127.0.0.1"],
  ["https://[2001:db8::1]/", "[2001:db8::1]"],
  ["https://bücher.example/", "xn--bcher-kva.example"],
])("%s belongs to %s", (url, site) => {
  expect(firstPartySite(new URL(url))).toBe(site);
});

test("one site is one scheme", () => {
  expect(isSameSite(new URL("https://a.example.org/"), new URL("https://b.example.org:444/"))).toBe(true);
  expect(isSameSite(new URL("https://example.org/"), new URL("http://example.org/"))).toBe(false);
  expect(isSameSite(new URL("https://a.github.io/"), new URL("https://b.github.io/"))).toBe(false);
});
