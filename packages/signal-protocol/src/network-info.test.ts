import { relayId, TaborError } from "@tabor/onion-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_NETWORK_INFO_LENGTH, parseNetworkInfo } from "./network-info.ts";

const authority = relayId(new Uint8Array(32).fill(5));
const valid = {
  authorities: [authority],
  servers: ["https://b.example:8443"],
  iceServers: [{ urls: "stun:stun.example:3478" }],
};
const parse = (value: unknown) => parseNetworkInfo(JSON.stringify(value));

describe("tabor.json", () => {
  it("lists authorities and ICE servers", () => {
    expect(parse(valid)).toEqual({
      authorities: [authority],
      servers: ["https://b.example:8443"],
      iceServers: [{ urls: ["stun:stun.example:3478"] }],
    });
    const turn = {
      urls: ["turn:t.example?transport=udp", "turns:t.example"],
      username: "u",
      credential: "c",
    };
    expect(parse({ ...valid, iceServers: [turn] }).iceServers).toEqual([turn]);
    expect(parse({ ...valid, iceServers: [] }).iceServers).toEqual([]);
  });

  it("names the hosts of an ad-hoc network", () => {
    const hosts = [{ address: "127.0.0.1:1" }, { address: "127.0.0.1:2", authority }];
    expect(parse({ ...valid, hosts })).toEqual({ ...parse(valid), hosts });
  });

  it.each([
    [{ ...valid, hosts: [] }],
    [{ ...valid, hosts: [{ address: "nowhere" }] }],
    [{ ...valid, hosts: [{ address: "a:1" }, { address: "a:1" }] }],
    [{ ...valid, hosts: [{ address: "a:1", authority: "x" }] }],
    [{ ...valid, hosts: [{ address: "a:1", port: 1 }] }],
    [{ ...valid, hosts: Array.from({ length: 33 }, (_, i) => ({ address: `a:${String(i + 1)}` })) }],
    [{ ...valid, more: 1 }],
    [{ authorities: valid.authorities }],
    [{ ...valid, authorities: [] }],
    [{ ...valid, authorities: [authority, authority] }],
    [{ ...valid, authorities: [`${authority.slice(0, -1)}d`] }],
    [{ ...valid, authorities: [5] }],
    [{ ...valid, authorities: Array.from({ length: 17 }, (_, i) => relayId(new Uint8Array(32).fill(i))) }],
    [{ authorities: valid.authorities, iceServers: valid.iceServers }],
    [{ ...valid, servers: ["https://b.example/"] }],
    [{ ...valid, servers: ["https://b.example/path"] }],
    [{ ...valid, servers: ["https://user@b.example"] }],
    [{ ...valid, servers: ["ws://b.example"] }],
    [{ ...valid, servers: Array.from({ length: 16 }, (_, i) => `https://b${i}.example`) }],
    [{ ...valid, iceServers: [{ urls: "https://example" }] }],
    [{ ...valid, iceServers: [{ urls: [] }] }],
    [{ ...valid, iceServers: [{ urls: "stun:x", extra: true }] }],
    [{ ...valid, iceServers: [{ urls: "stun:x", username: 1 }] }],
    [[]],
    [null],
  ])("is refused as %j", (value) => {
    expect(() => parse(value)).toThrow(TaborError);
  });

  it("is refused when it is no JSON or too long", () => {
    expect(() => parseNetworkInfo("<!doctype html>")).toThrow(TaborError);
    expect(() => parseNetworkInfo(JSON.stringify(valid) + " ".repeat(MAX_NETWORK_INFO_LENGTH))).toThrow(
      TaborError,
    );
  });

  it("fails in one way for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => parseNetworkInfo(text)).toThrow(TaborError);
      }),
    );
  });
});
