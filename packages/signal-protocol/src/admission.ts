import { base64UrlToBytes, bytesToBase64Url, TaborError } from "@tabor/onion-core";

/** Whom a network lets in (SPEC §9.6). */
export const ADMISSION_MODES = ["open", "invite", "members"] as const;

/** open: anybody. invite: who is registered, or brings a code that registers. members: who is registered. */
export type AdmissionMode = (typeof ADMISSION_MODES)[number];

/** Bytes of an invitation's code: nobody guesses one. */
export const INVITE_LENGTH = 16;

/** An invitation's code as people pass it on: 22 characters of base64url. @param code 16 bytes. */
export function inviteText(code: Uint8Array): string {
  return bytesToBase64Url(code);
}

/** @throws malformed unless the text is a code in its one form. */
export function parseInvite(text: string): Uint8Array<ArrayBuffer> {
  const code = base64UrlToBytes(text);
  if (code.length !== INVITE_LENGTH) throw new TaborError("malformed", "here", "this is no invitation code");
  return code;
}
