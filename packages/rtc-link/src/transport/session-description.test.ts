import { bytesToHex, TaborError } from "@tabor/onion-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { certificateFingerprint, checkSessionDescription, splitCandidates } from "./session-description.ts";

const PAIRS = Array.from({ length: 32 }, (_, i) => (i * 7 + 129).toString(16).slice(-2).toUpperCase());
const HEX = PAIRS.join("").toLowerCase();
const LINE = `a=fingerprint:sha-256 ${PAIRS.join(":")}`;

/** What Chromium offers for one data channel, shortened. */
function offer(...more: string[]): string {
  return [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2113937151 127.0.0.1 40000 typ host",
    "a=ice-ufrag:F7gI",
    "a=ice-pwd:x9cml/YzichV2+XlhiMu8g",
    "a=setup:actpass",
    ...more,
    "a=sctp-port:5000",
    "",
  ].join("\r\n");
}

describe("the certificate's fingerprint", () => {
  test("is read from the one line that names it", () => {
    expect(bytesToHex(certificateFingerprint(offer(LINE)))).toBe(HEX);
  });

  test.each([
    ["for the session and the medium alike", offer(LINE, LINE)],
    ["in lower case", offer(LINE.toLowerCase().replace("sha", "SHA"))],
    ["with bare line feeds", offer(LINE).replaceAll("\r\n", "\n")],
  ])("may be given %s", (_, sdp) => {
    expect(bytesToHex(certificateFingerprint(sdp))).toBe(HEX);
  });

  const other = LINE.replace("81:", "82:");
  test.each([
    ["none", offer()],
    ["two different", offer(LINE, other)],
    ["another hash", offer(LINE.replace("sha-256", "sha-1"))],
    ["another hash besides", offer(LINE, `a=fingerprint:sha-512 ${[...PAIRS, ...PAIRS].join(":")}`)],
    ["a byte less", offer(LINE.slice(0, -3))],
    ["a byte more", offer(`${LINE}:00`)],
    ["no colons", offer(LINE.replace(PAIRS.join(":"), PAIRS.join("")))],
    ["more on the line", offer(`${LINE} x`)],
    ["another spelling", offer(LINE.replace("a=f", "A=F"))],
    ["another spelling besides", offer(LINE, other.replace("a=", "a= "))],
    ["a line that only a carriage return ends", offer(`a=x\r${other}`, LINE)],
  ])("is refused with %s", (_, sdp) => {
    expect(() => certificateFingerprint(sdp)).toThrow(TaborError);
  });

  test("is never another than that of every line that speaks of one", () => {
    const line = fc.oneof(
      fc.constant(LINE),
      fc.constant(other),
      fc.string(),
      fc.string().map((s) => `a=fingerprint:${s}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const found = bytesToHex(certificateFingerprint(offer(...lines)));
          const named = lines
            .join("\n")
            .split(/[\r\n]/)
            .filter((text) => /fingerprint/i.test(text));
          expect(
            new Set(named.map((text) => text.replace(/.* /, "").replaceAll(":", "").toLowerCase())),
          ).toEqual(new Set([found]));
        } catch (error) {
          expect(error).toBeInstanceOf(TaborError);
        }
      }),
    );
  });
});

describe("a session description", () => {
  test("of one data channel is taken", () => {
    expect(() => {
      checkSessionDescription(offer(LINE));
    }).not.toThrow();
  });

  const candidate = "a=candidate:1 1 udp 2113937151 127.0.0.1 40000 typ host";
  test.each([
    ["no data channel", offer(LINE).replace("m=application", "a=x")],
    ["audio", offer(LINE, "m=audio 9 UDP/TLS/RTP/SAVPF 111")],
    ["two data channels", offer(LINE, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel")],
    ["65 candidates", offer(LINE, ...Array.from({ length: 64 }, () => candidate))],
    ["more than 8 KiB", offer(LINE, "a=x".padEnd(8192))],
    ["nothing in it", ""],
  ])("is refused with %s", (_, sdp) => {
    expect(() => {
      checkSessionDescription(sdp);
    }).toThrow(expect.objectContaining({ code: "malformed" }) as Error);
  });

  test("is split into candidates and the rest, which keeps everything else in place", () => {
    const { description, candidates } = splitCandidates(offer(LINE, candidate, "a=end-of-candidates"));
    expect(candidates).toEqual([candidate.slice(2), candidate.slice(2)]);
    expect(description).toBe(offer(LINE).replace(`${candidate}\r\n`, ""));
  });
});
