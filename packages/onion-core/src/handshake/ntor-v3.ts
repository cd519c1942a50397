import { failingAlike, handshakeFailed } from "./handshake-failure.ts";
import {
  authenticator,
  clientMac,
  finalKeys,
  NTOR_KEY_LENGTH,
  NTOR_MAC_LENGTH,
  phase1Keys,
  wipe,
  type FinalTranscript,
  type NtorProfile,
  type Phase1Transcript,
} from "./ntor-v3-keys.ts";
import { concat, equalConstantTime } from "../bytes/bytes.ts";
import { Reader } from "../bytes/reader.ts";
import type { DhKeyPair, HandshakeCrypto } from "../ports/primitives.ts";

/** What the client knows of the relay: its identity and its ntor key, 32 bytes each. */
export interface NtorRelay {
  readonly identity: Uint8Array;
  readonly ntorKey: Uint8Array;
}

/** What the relay knows of itself. */
export interface NtorRelayKeys {
  /** 32 bytes. */
  readonly identity: Uint8Array;
  readonly ntorKeys: DhKeyPair;
}

/** What the client keeps until the relay answers. It holds no secret but the key pair. */
export interface NtorClientState {
  readonly crypto: HandshakeCrypto;
  readonly relay: NtorRelay;
  readonly keyPair: DhKeyPair;
  readonly profile: NtorProfile;
  readonly messageMac: Uint8Array;
}

/** What either side has at the end. */
export interface NtorSecrets {
  /** `profile.keyLength` bytes. */
  readonly keyStream: Uint8Array;
  /** AUTH, 32 bytes: a hash over all that both sides have sent. */
  readonly auth: Uint8Array;
}

/** What the client has, beside the relay's message. */
export interface NtorResult extends NtorSecrets {
  readonly message: Uint8Array;
}

/** What the relay has, beside what it sends: `Y | AUTH | encSM`. */
export interface NtorAnswer extends NtorSecrets {
  readonly hdata: Uint8Array;
}

/**
 * The client's message, `ID | B | X | encCM | MACm` (SPEC §5.1).
 * @param options.message CM, of any length; whoever reads the handshake learns that length.
 * @param options.keyPair a fresh pair for this handshake alone.
 * @throws not-authentic if the relay's ntor key is none.
 */
export function startNtor(options: {
  readonly relay: NtorRelay;
  readonly message: Uint8Array;
  readonly keyPair: DhKeyPair;
  readonly profile: NtorProfile;
  readonly crypto: HandshakeCrypto;
}): Promise<{ hdata: Uint8Array; state: NtorClientState }> {
  const { relay, message, keyPair, profile, crypto } = options;
  return failingAlike(async () => {
    const shared = await keyPair.agree(relay.ntorKey);
    const transcript = { ID: relay.identity, B: relay.ntorKey, X: keyPair.publicKey, profile };
    const keys = phase1Keys(crypto, shared, transcript);
    const sealed = await crypto.applyKeyStream(keys.encryption, message);
    const messageMac = clientMac(crypto, keys.mac, sealed, transcript);
    wipe(shared, keys.encryption, keys.mac);
    const hdata = concat(relay.identity, relay.ntorKey, keyPair.publicKey, sealed, messageMac);
    return { hdata, state: { crypto, relay, keyPair, profile, messageMac } };
  });
}

/**
 * Checks the relay's answer, `Y | AUTH | encSM`. `EXP(B,x)` is computed once more rather than kept, so that no secret
 * outlives a call.
 * @throws not-authentic for everything that the relay itself would not have sent.
 */
export function finishNtor(state: NtorClientState, reply: Uint8Array): Promise<NtorResult> {
  const { crypto, relay, keyPair, profile, messageMac } = state;
  return failingAlike(async () => {
    const reader = new Reader(reply, "ntor-v3 answer");
    const Y = reader.bytes(NTOR_KEY_LENGTH);
    const auth = reader.bytes(NTOR_MAC_LENGTH);
    const sealed = reader.rest();
    const [fresh, fixed] = await Promise.all([keyPair.agree(Y), keyPair.agree(relay.ntorKey)]);
    const transcript = { ID: relay.identity, B: relay.ntorKey, X: keyPair.publicKey, Y, messageMac, profile };
    const keys = finalKeys(crypto, [fresh, fixed], transcript);
    const expected = authenticator(crypto, keys.verify, sealed, transcript);
    wipe(fresh, fixed, keys.verify);
    if (!equalConstantTime(auth, expected)) throw handshakeFailed();
    const message = await crypto.applyKeyStream(keys.message, sealed);
    wipe(keys.message);
    return { message, keyStream: keys.stream, auth: expected };
  });
}

/**
 * The relay's side: checks the client's message.
 * @returns CM, and the answer to it, which may be given once.
 * @throws not-authentic for everything that is no client's message to this relay.
 */
export function openNtor(options: {
  readonly own: NtorRelayKeys;
  readonly hdata: Uint8Array;
  readonly profile: NtorProfile;
  readonly crypto: HandshakeCrypto;
}): Promise<NtorRequest> {
  const { own, profile, crypto } = options;
  return failingAlike(async () => {
    const request = parseRequest(options.hdata, own, profile);
    const fixed = await own.ntorKeys.agree(request.transcript.X);
    const message = await openMessage(request, fixed, crypto);
    return { message, answer: (keyPair, reply) => answerNtor({ request, fixed, crypto, keyPair, reply }) };
  });
}

/** A client's message that is one to this relay. */
export interface NtorRequest {
  readonly message: Uint8Array;
  /**
   * @param keyPair a fresh pair for this handshake alone. @param reply SM.
   * @throws not-authentic if the client's key is none.
   */
  answer(keyPair: DhKeyPair, reply: Uint8Array): Promise<NtorAnswer>;
}

/** @param options.fixed `EXP(X,b)`, wiped. */
function answerNtor(options: {
  readonly request: Request;
  readonly fixed: Uint8Array;
  readonly crypto: HandshakeCrypto;
  readonly keyPair: DhKeyPair;
  readonly reply: Uint8Array;
}): Promise<NtorAnswer> {
  const { request, fixed, crypto, keyPair, reply } = options;
  return failingAlike(async () => {
    const { messageMac } = request;
    const fresh = await keyPair.agree(request.transcript.X);
    const transcript: FinalTranscript = { ...request.transcript, Y: keyPair.publicKey, messageMac };
    const keys = finalKeys(crypto, [fresh, fixed], transcript);
    const sealed = await crypto.applyKeyStream(keys.message, reply);
    const auth = authenticator(crypto, keys.verify, sealed, transcript);
    wipe(fresh, fixed, keys.verify, keys.message);
    return { keyStream: keys.stream, auth, hdata: concat(keyPair.publicKey, auth, sealed) };
  });
}

interface Request {
  readonly transcript: Phase1Transcript;
  readonly sealed: Uint8Array;
  readonly messageMac: Uint8Array;
}

function parseRequest(hdata: Uint8Array, own: NtorRelayKeys, profile: NtorProfile): Request {
  const reader = new Reader(hdata, "ntor-v3 request");
  const ID = reader.bytes(NTOR_KEY_LENGTH);
  const B = reader.bytes(NTOR_KEY_LENGTH);
  const X = reader.bytes(NTOR_KEY_LENGTH);
  const sealed = reader.bytes(Math.max(0, reader.remaining - NTOR_MAC_LENGTH));
  const messageMac = reader.bytes(NTOR_MAC_LENGTH);
  if (!equalConstantTime(ID, own.identity) || !equalConstantTime(B, own.ntorKeys.publicKey))
    throw handshakeFailed();
  return { transcript: { ID, B, X, profile }, sealed, messageMac };
}

async function openMessage(
  request: Request,
  shared: Uint8Array,
  crypto: HandshakeCrypto,
): Promise<Uint8Array> {
  const keys = phase1Keys(crypto, shared, request.transcript);
  const expected = clientMac(crypto, keys.mac, request.sealed, request.transcript);
  if (!equalConstantTime(request.messageMac, expected)) throw handshakeFailed();
  const message = await crypto.applyKeyStream(keys.encryption, request.sealed);
  wipe(keys.encryption, keys.mac);
  return message;
}
