import { circuitKeys, STREAM_LENGTH, type CircuitKeys } from "./circuit-keys.ts";
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from "./extensions.ts";
import { failingAlike } from "./handshake-failure.ts";
import { finishNtor, openNtor, startNtor, type NtorRelay, type NtorRelayKeys } from "./ntor-v3.ts";
import { ascii } from "../bytes/bytes.ts";
import type { Slot } from "../crypto/slot.ts";
import type { HandshakeCrypto } from "../ports/primitives.ts";

export type { CircuitKeys } from "./circuit-keys.ts";

/** The handshake type of CREATE2 and EXTEND2 (SPEC §5); there is no other. */
export const HYBRID = 0x0100;

/** A handshake that a client has begun with one hop. */
export interface CircuitHandshake {
  readonly htype: typeof HYBRID;
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

/** Its own purpose: neither Tor's circuits nor those without ML-KEM can be had with it (SPEC §5.1). */
const PROFILE = { verification: ascii("tabor circuit x25519-mlkem768"), keyLength: STREAM_LENGTH };

/**
 * The client's side of SPEC §5.
 * @throws not-authentic if the relay's ntor key is none.
 */
export async function createCircuitHandshake(
  relay: NtorRelay,
  slot: Slot,
  crypto: HandshakeCrypto,
): Promise<CircuitHandshake> {
  const [keyPair, kemPair] = await Promise.all([crypto.generateKeyPair(), crypto.kem.generateKeyPair()]);
  const message = encodeRequest({ slot, kemKey: kemPair.publicKey });
  const { hdata, state } = await startNtor({ relay, message, keyPair, profile: PROFILE, crypto });
  const finish = (reply: Uint8Array): Promise<CircuitKeys> =>
    failingAlike(async () => {
      const finished = await finishNtor(state, reply);
      const secret = await kemPair.decapsulate(decodeAnswer(finished.message));
      return circuitKeys(crypto, secret, finished);
    });
  return { htype: HYBRID, hdata, finish };
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
    const opened = await openNtor({ own, hdata, profile: PROFILE, crypto });
    const { slot, kemKey } = decodeRequest(opened.message);
    const [{ ciphertext, secret }, keyPair] = await Promise.all([
      crypto.kem.encapsulate(kemKey),
      crypto.generateKeyPair(),
    ]);
    const answered = await opened.answer(keyPair, encodeAnswer(ciphertext));
    return { ...circuitKeys(crypto, secret, answered), hdata: answered.hdata, slot };
  });
}
