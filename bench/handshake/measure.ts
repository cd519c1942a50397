import type { HandshakeCrypto } from "@tabor/onion-core";
import { ascii } from "../../packages/onion-core/src/bytes/bytes.ts";
import { slot } from "../../packages/onion-core/src/crypto/slot.ts";
import {
  answerCircuitHandshake,
  createCircuitHandshake,
} from "../../packages/onion-core/src/handshake/circuit-handshake.ts";
import {
  finishNtor,
  openNtor,
  startNtor,
  type NtorRelayKeys,
} from "../../packages/onion-core/src/handshake/ntor-v3.ts";
import { median } from "../lib/stats.ts";

/** Medians in milliseconds: all that client and relay do for one hop, key pairs included. */
export interface HandshakeTimes {
  readonly hybrid: number;
  /** ntor-v3 alone: what of it is not ML-KEM's. */
  readonly ntor: number;
}

const ROUNDS = 300;
const WARM_UP = 60;

/** Both in turn, so that whatever else the machine does meets them alike. */
export async function handshakeTimes(crypto: HandshakeCrypto): Promise<HandshakeTimes> {
  const own = { identity: new Uint8Array(32).fill(7), ntorKeys: await crypto.generateKeyPair() };
  const hybrid: number[] = [];
  const ntor: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const started = performance.now();
    await hybridHandshake(own, crypto);
    const between = performance.now();
    await ntorHandshake(own, crypto);
    if (round < 0) continue;
    hybrid.push(between - started);
    ntor.push(performance.now() - between);
  }
  return { hybrid: median(hybrid), ntor: median(ntor) };
}

async function hybridHandshake(own: NtorRelayKeys, crypto: HandshakeCrypto): Promise<void> {
  const relay = { identity: own.identity, ntorKey: own.ntorKeys.publicKey };
  const client = await createCircuitHandshake(relay, slot(1), crypto);
  const { hdata } = await answerCircuitHandshake(own, client.hdata, crypto);
  await client.finish(hdata);
}

async function ntorHandshake(own: NtorRelayKeys, crypto: HandshakeCrypto): Promise<void> {
  const relay = { identity: own.identity, ntorKey: own.ntorKeys.publicKey };
  const common = { profile: { verification: ascii("circuit extend"), keyLength: 64 }, crypto };
  const [keyPair, message] = [await crypto.generateKeyPair(), Uint8Array.of(1, 16, 0, 1, 1)];
  const { hdata, state } = await startNtor({ ...common, relay, message, keyPair });
  const { answer } = await openNtor({ ...common, own, hdata });
  const answered = await answer(await crypto.generateKeyPair(), Uint8Array.of(0));
  await finishNtor(state, answered.hdata);
}
