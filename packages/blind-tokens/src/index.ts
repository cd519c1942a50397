/** Tokens that show that somebody is a member, and not who (SPEC §9.7). */
export { blindToken, type BlindedToken } from "./blind-token.ts";
export { FORGETFUL, type SpentToken, type SpentTokens } from "./spent-tokens.ts";
export { challengeDigest, type TokenPurpose } from "./token-challenge.ts";
export { TokenCheck } from "./token-check.ts";
export { TokenGate } from "./token-gate.ts";
export { BLINDED_LENGTH, importTokenKey, tokenKeyId, type TokenKey } from "./token-key.ts";
export { decodeToken, encodeToken, TOKEN_LENGTH, verifyToken, type Token } from "./token.ts";
export { TokenWallet, type SessionToken, type TokenSession, type TokenSource } from "./token-wallet.ts";
