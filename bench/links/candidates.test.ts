import { expect, test } from "vitest";
import { seenDescription } from "./candidates.ts";

const SDP = [
  "v=0",
  "m=application 51002 UDP/DTLS/SCTP webrtc-datachannel",
  "a=candidate:9 1 UDP 100 10.0.0.1 51001 typ host",
  "a=candidate:1 1 UDP 2122317823 127.0.0.1 51002 typ host",
  "a=candidate:2 1 TCP 2105458943 127.0.0.1 9 typ host tcptype active",
  "a=end-of-candidates",
  "",
].join("\r\n");

test("the stand-in takes the place of the peer, and of every other way to it", () => {
  const { port, withPort } = seenDescription(SDP);
  expect(port).toBe(51_002);
  expect(withPort(40_000).split("\r\n")).toEqual([
    "v=0",
    "m=application 51002 UDP/DTLS/SCTP webrtc-datachannel",
    "a=candidate:1 1 UDP 2122317823 127.0.0.1 40000 typ host",
    "a=end-of-candidates",
    "",
  ]);
});

test("a peer that cannot be reached here is refused", () => {
  expect(() => seenDescription("v=0\r\na=candidate:1 1 UDP 1 10.0.0.1 5 typ host\r\n")).toThrow("candidate");
});
