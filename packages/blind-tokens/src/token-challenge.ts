import { ascii, type RelayId, Writer } from "@tabor/onion-core";

/** Blind RSA, 2048 bits (RFC 9578 §8.2.2). */
export const TOKEN_TYPE = 0x0002;

/** What a token is good for. */
export interface TokenPurpose {
  /** The authority that signs it. */
  readonly issuer: RelayId;
  /** Who takes it: a relay as guard, or a directory. */
  readonly origin: RelayId;
}

/**
 * The SHA-256 of the TokenChallenge of RFC 9577 §2.1.1, which nobody sends: whoever draws and whoever takes a token know what is
 * in it. Issuer name and origin info are identities as text, and the redemption context is empty: the epoch is named by its key.
 */
export function challengeDigest({ issuer, origin }: TokenPurpose): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = new Writer()
    .u16(TOKEN_TYPE)
    .bytes16(ascii(issuer))
    .bytes8(new Uint8Array(0))
    .bytes16(ascii(origin))
    .finish();
  return sha256(challenge);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
