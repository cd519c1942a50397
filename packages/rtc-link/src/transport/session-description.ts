/** What we read of session descriptions (SDP, RFC 8866). */
import { hexToBytes, TaborError } from "@tabor/onion-core";

/** SPEC §9.4. */
const MAX_SDP_LENGTH = 8192;

/** Each candidate is an address to which our side sends packets: a peer must not aim a tab at many others. */
const MAX_CANDIDATES = 64;

const FINGERPRINT = /^a=fingerprint:[Ss][Hh][Aa]-256 ((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})$/;

/**
 * The SHA-256 fingerprint (32 bytes) of the DTLS certificate that a description names (SPEC §2.1, RFC 8122 §5).
 *
 * A description says it per session or per medium, and stacks differ in which line they heed. So a line that is
 * anything but the one same fingerprint, in the one spelling, is refused: what we sign must be what the stack checks.
 * @throws malformed.
 */
export function certificateFingerprint(sdp: string): Uint8Array {
  const distinct = new Set(
    lines(sdp)
      .filter((line) => /fingerprint/i.test(line))
      .map((line) => readFingerprint(line)),
  );
  const [fingerprint] = distinct;
  if (fingerprint === undefined || distinct.size > 1) throw malformed("not exactly one certificate");
  return hexToBytes(fingerprint);
}

/**
 * Refuses what no peer of ours sends: descriptions that are too long, of audio or video, or of many candidates.
 * @throws malformed.
 */
export function checkSessionDescription(sdp: string): void {
  if (sdp.length > MAX_SDP_LENGTH) throw malformed("too long");
  const all = lines(sdp);
  const media = all.filter((line) => line.startsWith("m="));
  if (media.length !== 1 || media[0]?.startsWith("m=application ") !== true)
    throw malformed("not one data channel");
  if (all.filter((line) => line.startsWith("a=candidate:")).length > MAX_CANDIDATES)
    throw malformed("too many candidates");
}

/** A description apart from its ICE candidates, which are as `RTCIceCandidateInit.candidate` has them. */
export function splitCandidates(sdp: string): {
  readonly description: string;
  readonly candidates: string[];
} {
  const all = lines(sdp);
  const isCandidate = (line: string): boolean => line.startsWith("a=candidate:");
  return {
    description: all.filter((line) => !isCandidate(line) && line !== "a=end-of-candidates").join("\r\n"),
    candidates: all.filter(isCandidate).map((line) => line.slice("a=".length)),
  };
}

function readFingerprint(line: string): string {
  const found = FINGERPRINT.exec(line)?.[1];
  if (found === undefined) throw malformed("a fingerprint that is not of SHA-256");
  return found.replaceAll(":", "").toLowerCase();
}

function lines(sdp: string): string[] {
  return sdp.split(/\r\n|[\r\n]/);
}

function malformed(why: string): TaborError {
  return new TaborError("malformed", "link", `session description: ${why}`);
}
