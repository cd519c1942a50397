import { expect, test } from "vitest";
import { candidatesIn, type GatheredCandidate, mappingGathered, mappingSeen, natClass } from "./nat-class.ts";

function srflx(port: number, more: Partial<GatheredCandidate> = {}): GatheredCandidate {
  return { type: "srflx", address: `192.0.2.1 ${String(port)}`, relatedPort: 0, foundation: "1", ...more };
}
const host: GatheredCandidate = { ...srflx(5000), type: "host", address: "x.local 5000" };

test("candidates are read as Chromium and libdatachannel write them", () => {
  const sdp = [
    "a=candidate:842163049 1 udp 1677729535 192.0.2.1 61234 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999",
    "a=candidate:3 1 UDP 1048063 10.77.0.1 58482 typ relay raddr 192.0.2.1 rport 7",
    "a=candidate:1 1 UDP 2114977791 x.local 51953 typ host",
    "a=end-of-candidates",
  ];
  expect(candidatesIn(sdp.join("\r\n"))).toEqual([
    { type: "srflx", address: "192.0.2.1 61234", relatedPort: 0, foundation: "842163049" },
    { type: "relay", address: "10.77.0.1 58482", relatedPort: 7, foundation: "3" },
    { type: "host", address: "x.local 51953", relatedPort: 0, foundation: "1" },
  ]);
});

test.each([
  [[], undefined],
  [["192.0.2.1:7"], undefined],
  [["192.0.2.1:7", "192.0.2.1:7"], "independent"],
  [["192.0.2.1:7", "192.0.2.1:8"], "dependent"],
  [["192.0.2.1:7", "192.0.2.1:7", "192.0.2.2:7"], "dependent"],
])("servers that saw %j: %s", (seen, mapping) => {
  expect(mappingSeen(seen)).toBe(mapping);
});

test.each([
  ["nothing but its own address", [host], 2, undefined],
  ["one address, of which all servers told", [host, srflx(7)], 2, "independent"],
  ["one address, and one server that failed", [srflx(7)], 1, undefined],
  ["two addresses of one hidden socket", [srflx(7), srflx(8)], 2, "dependent"],
  ["two of one socket, whoever failed", [srflx(7), srflx(8)], 1, "dependent"],
  ["one of each of two hidden sockets", [srflx(7), srflx(8, { foundation: "2" })], 2, "independent"],
  [
    "one of each of two sockets",
    [srflx(7, { relatedPort: 1 }), srflx(8, { relatedPort: 2 })],
    2,
    "independent",
  ],
  ["two of one of two sockets", [1, 1, 2].map((relatedPort, i) => srflx(i, { relatedPort })), 2, "dependent"],
] as const)("a browser that gathers %s", (_, candidates, answered, mapping) => {
  expect(mappingGathered(candidates, answered)).toBe(mapping);
});

test("a hard NAT with an address of a TURN server is one of its own", () => {
  expect([natClass(undefined, true), natClass("independent", true)]).toEqual(["unknown", "easy"]);
  expect([natClass("dependent", true), natClass("dependent", false)]).toEqual(["turn", "hard"]);
});
