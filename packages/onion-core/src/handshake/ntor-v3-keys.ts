import { encap, hash, kdf, mac, PROTOID, TWEAK, type Hashes } from "./ntor-v3-functions.ts";
import { ascii, concat } from "../bytes/bytes.ts";

/** What both sides choose alike before the handshake. */
export interface NtorProfile {
  /** `VER` of SPEC §5.1: what the handshake is for; any bytes. */
  readonly verification: Uint8Array;
  /** How many bytes of key stream the caller needs. */
  readonly keyLength: number;
}

/** The public values that the client's message is bound to, under their names in SPEC §5.1. */
export interface Phase1Transcript {
  readonly ID: Uint8Array;
  readonly B: Uint8Array;
  readonly X: Uint8Array;
  readonly profile: NtorProfile;
}

/** The public values that the relay's answer is bound to. */
export interface FinalTranscript extends Phase1Transcript {
  readonly Y: Uint8Array;
  readonly messageMac: Uint8Array;
}

export const NTOR_KEY_LENGTH = 32;
export const NTOR_MAC_LENGTH = 32;
const SERVER = ascii("Server");

/** Keys for the client's message. @param shared `EXP(B,x)`, equal to `EXP(X,b)`. */
export function phase1Keys(
  hashes: Hashes,
  shared: Uint8Array,
  { ID, B, X, profile }: Phase1Transcript,
): { encryption: Uint8Array; mac: Uint8Array } {
  const input = concat(shared, ID, X, B, PROTOID, encap(profile.verification));
  const [encryption, macKey] = split(kdf(hashes, input, TWEAK.kdfPhase1, 64), NTOR_KEY_LENGTH);
  wipe(input);
  return { encryption, mac: macKey };
}

/** `MACm` over the client's message. @param sealed `encCM`. */
export function clientMac(
  hashes: Hashes,
  key: Uint8Array,
  sealed: Uint8Array,
  { ID, B, X }: Phase1Transcript,
): Uint8Array {
  return mac(hashes, key, concat(ID, B, X, sealed), TWEAK.msgMac);
}

/** Keys of the finished handshake. @param shared `EXP(X,y)` and `EXP(X,b)`. */
export function finalKeys(
  hashes: Hashes,
  [fresh, fixed]: readonly [Uint8Array, Uint8Array],
  { ID, B, X, Y, profile }: FinalTranscript,
): { verify: Uint8Array; message: Uint8Array; stream: Uint8Array } {
  const input = concat(fresh, fixed, ID, B, X, Y, PROTOID, encap(profile.verification));
  const seed = hash(hashes, input, TWEAK.keySeed);
  const verify = hash(hashes, input, TWEAK.verify);
  const [message, stream] = split(
    kdf(hashes, seed, TWEAK.kdfFinal, NTOR_KEY_LENGTH + profile.keyLength),
    NTOR_KEY_LENGTH,
  );
  wipe(input, seed);
  return { verify, message, stream };
}

/** `AUTH`, by which the relay proves that it holds b. @param sealed `encSM`. */
export function authenticator(
  hashes: Hashes,
  verify: Uint8Array,
  sealed: Uint8Array,
  { ID, B, X, Y, messageMac }: FinalTranscript,
): Uint8Array {
  const input = concat(verify, ID, B, Y, X, messageMac, encap(sealed), PROTOID, SERVER);
  return hash(hashes, input, TWEAK.authFinal);
}

/** Overwrites secrets; copies that the engine made are out of reach. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

function split(bytes: Uint8Array, at: number): [Uint8Array, Uint8Array] {
  const parts: [Uint8Array, Uint8Array] = [bytes.slice(0, at), bytes.slice(at)];
  wipe(bytes);
  return parts;
}
