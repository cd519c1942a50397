import { expect, test } from "vitest";
import { linkRoute, relayAddresses } from "./link-route.ts";

const SDP = [
  "v=0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=candidate:1 1 UDP 2130706431 10.0.0.7 40001 typ host",
  "a=candidate:2 1 UDP 1694498815 192.0.2.1 40002 typ srflx raddr 0.0.0.0 rport 0",
  "a=candidate:3 1 udp 33562367 198.51.100.9 50003 typ relay raddr 192.0.2.1 rport 40002",
  "a=candidate:4 1 UDP 2130706431 typ 4 typ host",
].join("\r\n");

type Side = Pick<RTCIceCandidate, "type" | "address" | "port">;

function between(local: Side, remote: Side) {
  const iceTransport = { getSelectedCandidatePair: () => ({ local, remote }) };
  const connection = { sctp: { transport: { iceTransport } } } as unknown as RTCPeerConnection;
  return linkRoute(connection, relayAddresses(SDP));
}

const host: Side = { type: "host", address: "10.0.0.1", port: 1 };
const relay: Side = { type: "relay", address: "198.51.100.9", port: 50_003 };

test("a description's relayed addresses are those of type relay", () => {
  expect([...relayAddresses(SDP)]).toEqual(["198.51.100.9 50003"]);
  expect([...relayAddresses("")]).toEqual([]);
});

test("a link goes through TURN if either side's address is a TURN server's", () => {
  expect(between(host, { ...host, type: "prflx" })).toBe("direct");
  expect(between(relay, host)).toBe("turn");
  expect(between(host, relay)).toBe("turn");
  expect(between(host, { ...relay, type: "prflx" })).toBe("turn");
  expect(between(host, { ...relay, type: "prflx", port: 50_004 })).toBe("direct");
});

test("where nobody says, it says nothing", () => {
  expect(linkRoute({ sctp: null }, new Set())).toBeUndefined();
  const iceTransport = { getSelectedCandidatePair: () => null };
  const connection = { sctp: { transport: { iceTransport } } } as unknown as RTCPeerConnection;
  expect(linkRoute(connection, new Set())).toBeUndefined();
});
