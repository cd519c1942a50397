import { bytesToHex, Reader, Writer } from "@tabor/onion-core";
import { TOKEN_TYPE } from "./token-challenge.ts";
import { BLINDED_LENGTH, TOKEN_KEY_ID_LENGTH, type TokenKey } from "./token-key.ts";

/** A token (RFC 9577 §2.2). */
export interface Token {
  /** 32 bytes that no other token has. At a directory: the Ed25519 key of the session that it lets in. */
  readonly nonce: Uint8Array;
  /** What it is good for (`challengeDigest`), 32 bytes. */
  readonly challengeDigest: Uint8Array;
  /** Whose signature it bears (`TokenKey.id`), 32 bytes. */
  readonly keyId: Uint8Array;
  /** The issuer's signature, 256 bytes. */
  readonly authenticator: Uint8Array;
}

export type UnsignedToken = Omit<Token, "authenticator">;

export const TOKEN_NONCE_LENGTH = 32;
const DIGEST_LENGTH = 32;
/** RFC 9474 §5: RSABSSA-SHA384-PSS-Deterministic. */
const SALT_LENGTH = 48;

/** Bytes of an encoded token. */
export const TOKEN_LENGTH = 2 + TOKEN_NONCE_LENGTH + DIGEST_LENGTH + TOKEN_KEY_ID_LENGTH + BLINDED_LENGTH;

/** What the issuer signs: the token without its authenticator (RFC 9578 §6.1). */
export function tokenInput({ nonce, challengeDigest, keyId }: UnsignedToken): Uint8Array<ArrayBuffer> {
  return new Writer(TOKEN_LENGTH).u16(TOKEN_TYPE).bytes(nonce).bytes(challengeDigest).bytes(keyId).finish();
}

export function encodeToken(token: Token): Uint8Array<ArrayBuffer> {
  return new Writer(TOKEN_LENGTH).bytes(tokenInput(token)).bytes(token.authenticator).finish();
}

/** @param bytes of any length. @throws malformed. */
export function decodeToken(bytes: Uint8Array): Token {
  const reader = new Reader(bytes, "token");
  if (reader.u16() !== TOKEN_TYPE) throw reader.malformed("another type");
  const token = {
    nonce: reader.bytes(TOKEN_NONCE_LENGTH).slice(),
    challengeDigest: reader.bytes(DIGEST_LENGTH).slice(),
    keyId: reader.bytes(TOKEN_KEY_ID_LENGTH).slice(),
    authenticator: reader.bytes(BLINDED_LENGTH).slice(),
  };
  reader.finish();
  return token;
}

/** Whether the issuer has signed this token with this key (RFC 9578 §6.4). */
export async function verifyToken(token: Token, { name, verifier }: TokenKey): Promise<boolean> {
  if (bytesToHex(token.keyId) !== name) return false;
  const algorithm = { name: "RSA-PSS", saltLength: SALT_LENGTH };
  return crypto.subtle.verify(algorithm, verifier, Uint8Array.from(token.authenticator), tokenInput(token));
}
