import { TaborError } from "@tabor/onion-core";

export interface Roots {
  /** The day of Mozilla's list, as in "2026-09-30"; to be shown, and to be warned of when it is old. */
  readonly date: string;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
}

const DATE = /^# date: (\d{4}-\d\d-\d\d)$/m;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----/g;

/** @param text the file at `rootsUrl`. @throws TaborError malformed. */
export function parseRoots(text: string): Roots {
  const date = DATE.exec(text)?.[1];
  const certificates = Array.from(text.matchAll(CERTIFICATE), ([, base64 = ""]) => fromBase64(base64));
  if (date === undefined || certificates.length === 0) {
    throw new TaborError("malformed", "here", "no list of trusted issuers");
  }
  return { date, certificates };
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("\n", "")), (character) => character.charCodeAt(0));
}
