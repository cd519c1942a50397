import {
  decodeExtensions,
  encodeExtensions,
  NO_EXTENSIONS,
  requestedSlot,
  requestExtensions,
} from "./extensions.ts";
import { failingAlike } from "./handshake-failure.ts";
import { wipe } from "./ntor-v3-keys.ts";
import { answerNtor, finishNtor, startNtor, type NtorRelay, type NtorRelayKeys } from "./ntor-v3.ts";
import { ascii } from "../bytes/bytes.ts";
import type { Slot } from "../crypto/slot.ts";
import type { HandshakeCrypto } from "../ports/primitives.ts";

/** The handshake type of CREATE2 and EXTEND2 that is ntor-v3 (SPEC §5.1); there is no other. */
export const NTOR_V3 = 3;

/** AES-256-GCM keys of one hop, 32 bytes each (SPEC §5.2). Whoever imports them wipes them. */
export interface CircuitKeys {
  /** The client seals with it, the relay opens. */
  readonly outbound: Uint8Array;
  /** The relay seals with it, the client opens. */
  readonly inbound: Uint8Array;
}

/** A handshake that a client has begun with one hop. */
export interface CircuitHandshake {
  readonly htype: typeof NTOR_V3;
  /** For CREATE2 or EXTEND2. */
  readonly hdata: Uint8Array;
  /** @param reply hdata of CREATED2 or EXTENDED2. @throws not-authentic unless the relay answers this handshake with it. */
  finish(reply: Uint8Array): Promise<CircuitKeys>;
}

/** A handshake that a relay has answered. */
export interface AnsweredHandshake extends CircuitKeys {
  /** For CREATED2. */
  readonly hdata: Uint8Array;
  /** What the client gives this hop. */
  readonly slot: Slot;
}

const KEY_LENGTH = 32;
const PROFILE = { verification: ascii("circuit extend"), keyLength: 2 * KEY_LENGTH };

/**
 * The client's side of SPEC §5.
 * @throws not-authentic if the relay's ntor key is none.
 */
export async function createCircuitHandshake(
  relay: NtorRelay,
  slot: Slot,
  crypto: HandshakeCrypto,
): Promise<CircuitHandshake> {
  const message = encodeExtensions(requestExtensions(slot));
  const keyPair = await crypto.generateKeyPair();
  const { hdata, state } = await startNtor({ relay, message, keyPair, profile: PROFILE, crypto });
  const finish = (reply: Uint8Array): Promise<CircuitKeys> =>
    failingAlike(async () => {
      const { message: extensions, keyStream } = await finishNtor(state, reply);
      // There is nothing in the answer that a client acts on, but it must be well-formed.
      decodeExtensions(extensions);
      return circuitKeys(keyStream);
    });
  return { htype: NTOR_V3, hdata, finish };
}

/**
 * The relay's side of SPEC §5.
 * @throws not-authentic for every hdata that is no client's handshake with this relay.
 */
export function answerCircuitHandshake(
  own: NtorRelayKeys,
  hdata: Uint8Array,
  crypto: HandshakeCrypto,
): Promise<AnsweredHandshake> {
  return failingAlike(async () => {
    const message = encodeExtensions(NO_EXTENSIONS);
    const keyPair = await crypto.generateKeyPair();
    const answered = await answerNtor({ own, hdata, keyPair, message, profile: PROFILE, crypto });
    const slot = requestedSlot(decodeExtensions(answered.message));
    return { ...circuitKeys(answered.keyStream), hdata: answered.hdata, slot };
  });
}

/** @param stream 64 bytes of key stream, wiped. */
function circuitKeys(stream: Uint8Array): CircuitKeys {
  const keys = { outbound: stream.slice(0, KEY_LENGTH), inbound: stream.slice(KEY_LENGTH) };
  wipe(stream);
  return keys;
}
