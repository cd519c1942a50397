import { TaborError, type ErrorCode } from "@tabor/onion-core";

/** What a word of `rust/src/reason.rs` means: what to `switch` on, and a sentence for people. */
type Meaning = readonly [ErrorCode, (detail: string) => string];

const CERTIFICATE: Readonly<Record<string, string>> = {
  NameConstraintViolation: "the certificate is for a name that its issuer may not certify",
  PathLenConstraintViolated: "the certificate comes from an issuer that may not have others issue for it",
  EndEntityUsedAsCa: "the certificate is signed with one that may not issue certificates",
  CaUsedAsEndEntity: "the certificate is an issuer's own, not a site's",
  EmptyEkuExtension: "the certificate is for no purpose at all",
  InvalidSerialNumber: "the certificate has no valid serial number",
  UnsupportedCertVersion: "the certificate is of a version that is not used on the web",
  UnsupportedCriticalExtension: "the certificate demands something that we do not know",
  MalformedNameConstraint: "an issuer of the certificate has limits that cannot be read",
  MaximumPathDepthExceeded: "the certificate has too many issuers between it and one that is trusted",
  MaximumPathBuildCallsExceeded: "the site sent certificates that would take too long to check",
  MaximumSignatureChecksExceeded: "the site sent certificates that would take too long to check",
  MaximumNameConstraintComparisonsExceeded: "the site sent certificates that would take too long to check",
};

/** RFC 8446 §6.2. */
const ALERTS: Readonly<Record<string, string>> = {
  "40": "the site shares no safe way of encryption with us",
  "47": "the site calls our greeting wrong",
  "49": "the site refuses us",
  "50": "the site could not read our greeting",
  "70": "the site speaks only versions of TLS that are no longer safe",
  "71": "the site demands weaker or other encryption than we offer",
  "80": "the site failed within, says its TLS",
  "112": "the site does not know the name it was called by",
  "116": "the site demands a certificate of its visitors",
  "120": "the site speaks none of the protocols that we offer",
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  expired: ["not-authentic", (end) => `the certificate ended${on(end)}`],
  "not-yet-valid": ["not-authentic", (start) => `the certificate is not valid until later${on(start)}`],
  "wrong-name": ["not-authentic", () => "the certificate belongs to another name"],
  "wrong-purpose": ["not-authentic", () => "the certificate is for another purpose than a site's"],
  "unknown-issuer": ["not-authentic", () => "the certificate does not come from an issuer that is trusted"],
  "bad-signature": ["not-authentic", () => "a signature does not match: someone may be in between"],
  "bad-encoding": ["not-authentic", () => "the certificate cannot be read"],
  "unknown-extension": ["not-authentic", () => "the certificate demands something that we do not know"],
  "unsupported-signature": ["not-authentic", () => "the certificate is signed in a way that is not safe"],
  "no-certificate": ["not-authentic", () => "the site showed no certificate"],
  certificate: [
    "not-authentic",
    (name) => CERTIFICATE[/^\w+/.exec(name)?.[0] ?? ""] ?? `the certificate does not hold (${name})`,
  ],
  altered: ["not-authentic", () => "what came was altered on the way"],
  downgrade: ["not-authentic", () => "someone on the way tried to weaken the encryption"],
  "old-version": ["protocol", () => "the site speaks only versions of TLS that are no longer safe"],
  incompatible: ["protocol", (name) => `the site shares no safe way of encryption with us (${name})`],
  alert: ["protocol", (number) => ALERTS[number] ?? `the site broke off (TLS alert ${number})`],
  "out-of-turn": ["protocol", () => "the site sent TLS messages out of turn"],
  misbehaved: ["protocol", (name) => `the site broke the rules of TLS (${name})`],
  malformed: ["malformed", (name) => `the site did not answer in TLS (${name})`],
  internal: ["protocol", (name) => `TLS could not go on (${name})`],
};

/** @param reason as from `RustlsConnection.reason`. */
export function tlsFailure(reason: string): TaborError {
  const [word = "", detail = ""] = split(reason);
  const [code, sentence] = MEANINGS[word] ?? ["protocol", () => `TLS could not go on (${word})`];
  return new TaborError(code, "site", sentence(detail));
}

function split(reason: string): string[] {
  const space = reason.indexOf(" ");
  return space < 0 ? [reason] : [reason.slice(0, space), reason.slice(space + 1)];
}

/** @param seconds since the Unix epoch, or nothing. */
function on(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return seconds === "" || Number.isNaN(date.getTime()) ? "" : ` (${date.toISOString().slice(0, 10)})`;
}
