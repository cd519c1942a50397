import { relayId, TaborError } from "@tabor/onion-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownHostsText, parseHostAddress, parseKnownHosts, splitHostAddress } from "./known-host.ts";

const id = (n: number) => relayId(new Uint8Array(32).fill(n));

describe("a host's address", () => {
  it.each([
    ["127.0.0.1:8080", "127.0.0.1:8080"],
    ["Tabor.Example:80", "tabor.example:80"],
    ["[::1]:9000", "[::1]:9000"],
    ["[0:0::1]:443", "[::1]:443"],
  ])("%s is %s", (text, address) => {
    expect(parseHostAddress(text)).toBe(address);
  });

  it.each([
    "",
    "host",
    "host:",
    "host:0",
    "host:65536",
    "http://host:1",
    "a@host:1",
    "host:1/x",
    "::1:80",
    "a b:1",
  ])("is not %j", (text) => {
    expect(() => parseHostAddress(text)).toThrow(TaborError);
  });

  it("is taken apart for a socket", () => {
    expect(splitHostAddress(parseHostAddress("[::1]:9000"))).toEqual({ host: "::1", port: 9000 });
    expect(splitHostAddress(parseHostAddress("10.0.0.1:80"))).toEqual({ host: "10.0.0.1", port: 80 });
  });
});

describe("a list of known hosts", () => {
  it("is read, with and without authorities, and written the same", () => {
    const text = `127.0.0.1:9001,[::1]:9002=${id(7)}`;
    const hosts = parseKnownHosts(text);
    expect(hosts).toEqual([{ address: "127.0.0.1:9001" }, { address: "[::1]:9002", authority: id(7) }]);
    expect(knownHostsText(hosts)).toBe(text);
  });

  it.each([
    "",
    "a:1,",
    "a:1,a:1",
    `a:1=${id(1)},b:1=${id(1)}`,
    "a:1=short",
    `a:1=${id(1)}=${id(1)}`,
    Array.from({ length: 33 }, (_, i) => `a:${String(i + 1)}`).join(","),
  ])("is refused: %j", (text) => {
    expect(() => parseKnownHosts(text)).toThrow(TaborError);
  });

  it("fails in one way for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseKnownHosts(text);
        } catch (error) {
          expect(error).toBeInstanceOf(TaborError);
        }
      }),
    );
  });
});
