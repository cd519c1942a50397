import { expect, test } from "vitest";
import { answerCircuitHandshake, createCircuitHandshake } from "./circuit-handshake.ts";
import { keysAhead } from "./keys-ahead.ts";
import { slot } from "../crypto/slot.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import type { HandshakeCrypto, KemKeyPair } from "../ports/primitives.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

/** Counts the pairs that are made, and can be made to fail. */
function counting(): { crypto: HandshakeCrypto; made: KemKeyPair[]; failing: boolean } {
  const state = { made: [] as KemKeyPair[], failing: false };
  const generateKeyPair = () => {
    if (state.failing) throw new Error("no entropy");
    const pair: KemKeyPair = {
      publicKey: Uint8Array.of(state.made.length),
      decapsulate: (ciphertext) => ciphertext,
    };
    state.made.push(pair);
    return pair;
  };
  const crypto = { ...webHandshake, kem: { ...webHandshake.kem, generateKeyPair } };
  return Object.assign(state, { crypto });
}

test("three pairs are made ahead, one at a time, and no more", async () => {
  const clock = new VirtualClock();
  const { crypto, made } = counting();
  keysAhead(crypto, clock);
  expect(made).toHaveLength(0);
  await clock.advance(1);
  expect(made).toHaveLength(1);
  await clock.advance(100);
  expect(made).toHaveLength(3);
  expect(clock.waiting).toBe(0);
});

test("a pair is given once, oldest first, and replaced", async () => {
  const clock = new VirtualClock();
  const { crypto, made } = counting();
  const { kem } = keysAhead(crypto, clock);
  await clock.advance(100);
  const taken = [await kem.generateKeyPair(), await kem.generateKeyPair()];
  expect(made).toHaveLength(3);
  await clock.advance(100);
  expect(made).toHaveLength(5);
  taken.push(await kem.generateKeyPair(), await kem.generateKeyPair());
  expect(taken).toEqual(made.slice(0, 4));
});

test("who needs more than there are gets fresh ones", async () => {
  const clock = new VirtualClock();
  const { crypto, made } = counting();
  const { kem } = keysAhead(crypto, clock);
  const taken = await Promise.all(Array.from({ length: 10 }, () => kem.generateKeyPair()));
  expect(new Set(taken).size).toBe(10);
  expect(taken).toEqual(made);
});

test("what fails ahead of need is told to whoever needs it, and tried again then", async () => {
  const clock = new VirtualClock();
  const state = counting();
  state.failing = true;
  const { kem } = keysAhead(state.crypto, clock);
  await clock.advance(100);
  expect(clock.waiting).toBe(0);
  expect(() => kem.generateKeyPair()).toThrow("no entropy");
  state.failing = false;
  await clock.advance(100);
  expect(state.made).toHaveLength(3);
});

test("handshakes are made of them, and of different ones", async () => {
  const clock = new VirtualClock();
  const ahead = keysAhead(webHandshake, clock);
  await clock.advance(100);
  const own = { identity: new Uint8Array(32).fill(7), ntorKeys: await webHandshake.generateKeyPair() };
  const relay = { identity: own.identity, ntorKey: own.ntorKeys.publicKey };
  const asked = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const client = await createCircuitHandshake(relay, slot(1), ahead);
    const { hdata, outbound } = await answerCircuitHandshake(own, client.hdata, webHandshake);
    expect((await client.finish(hdata)).outbound).toEqual(outbound);
    asked.add(String(client.hdata.subarray(64, 96)));
  }
  expect(asked.size).toBe(4);
});
