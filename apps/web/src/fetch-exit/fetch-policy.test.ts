import type { FetchOrigin } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { FetchPolicy } from "./fetch-policy.ts";

const APP = { protocol: "https:", hostname: "app.tabor.example" };
const PLAIN_APP = { protocol: "http:", hostname: "app.tabor.localhost" };

function origin(url: string): FetchOrigin {
  const [, scheme, host = "", port] = /^(https?):\/\/(.*):(\d+)$/.exec(url) ?? [];
  return {
    scheme: scheme === "http" ? "http" : "https",
    host: host.replace(/[[\]]/g, ""),
    port: Number(port),
  };
}

test.each([
  "https://example.org:443",
  "https://a.b-c.example.org:8443",
  "https://93.184.215.14:443",
  "https://[2606:2800:21f::1]:443",
])("fetches from %s", (url) => {
  expect(new FetchPolicy({ rules: "", location: APP }).allows(origin(url))).toBe(true);
});

test.each([
  ["plain http, which a page of https may not", "http://example.org:80"],
  ["a port that exits refuse", "https://example.org:25"],
  ["the app", "https://app.tabor.example:443"],
  ["the view", "https://x.view.tabor.example:443"],
  ["the site itself", "https://TABOR.example:443"],
  ["localhost", "https://localhost:443"],
  ["a name below localhost", "https://a.localhost:443"],
  ["a name of the local network", "https://printer.local:443"],
  ["a name without a dot", "https://router:443"],
  ["a name with a dot at its end", "https://example.org.:443"],
  ["loopback", "https://127.0.0.1:443"],
  ["loopback in another spelling", "https://127.1:443"],
  ["loopback as a number", "https://2130706433:443"],
  ["loopback in hexadecimal", "https://0x7f.0.0.1:443"],
  ["loopback of IPv6", "https://[::1]:443"],
  ["loopback within IPv6", "https://[::ffff:127.0.0.1]:443"],
  ["a private address", "https://192.168.1.1:443"],
  ["the metadata address of clouds", "https://169.254.169.254:443"],
  ["something that is no host", "https://exa mple.org:443"],
])("refuses %s", (_, url) => {
  expect(new FetchPolicy({ rules: "", location: APP }).allows(origin(url))).toBe(false);
});

test("its rules come before the default, and name private addresses if they are meant", () => {
  const policy = new FetchPolicy({ rules: "accept 127.0.0.0/8:*,reject *:8443", location: PLAIN_APP });
  expect(policy.allows(origin("http://127.0.0.1:1234"))).toBe(true);
  expect(policy.allows(origin("http://10.0.0.1:80"))).toBe(false);
  expect(policy.allows(origin("https://example.org:8443"))).toBe(false);
  expect(policy.allows(origin("http://example.org:80"))).toBe(true);
});

test("says its ports, without 80 where the page itself came by https", () => {
  const ports = (location: typeof APP, rules = "") => new FetchPolicy({ rules, location }).summary;
  expect(ports(APP)).toContain("reject 25,80,");
  expect(ports(PLAIN_APP)).not.toContain(",80,");
  expect(ports(PLAIN_APP, "reject *:1-442,reject *:444-65535")).toBe("accept 443");
});

test("rules that make no sense are refused with a sentence", () => {
  expect(() => new FetchPolicy({ rules: "allow all", location: APP })).toThrow(
    expect.objectContaining({ code: "usage" }) as Error,
  );
});
