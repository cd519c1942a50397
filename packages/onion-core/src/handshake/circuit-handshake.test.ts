import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { answerCircuitHandshake, createCircuitHandshake, HYBRID } from "./circuit-handshake.ts";
import { encodeAnswer, encodeExtensions, encodeRequest } from "./extensions.ts";
import { openNtor, startNtor, type NtorRelayKeys } from "./ntor-v3.ts";
import { ascii, bytesToHex, concat } from "../bytes/bytes.ts";
import { encodeExtend2, encodeExtended2 } from "../cell/circuit-bodies.ts";
import { MAX_SLOT, slot } from "../crypto/slot.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import { generateDhKeyPair } from "../crypto/x25519.ts";
import type { DhKeyPair, Encapsulation, HandshakeCrypto, KemKeyPair } from "../ports/primitives.ts";
import { alterations, inside, truncations } from "../testing/hostile-bytes.ts";

const crypto = webHandshake;

const failed = { code: "not-authentic", where: "relay", message: "circuit handshake failed" };
const profile = { verification: ascii("tabor circuit x25519-mlkem768"), keyLength: 32 };

/** Most of a relay message without a stream id (SPEC §4.3). */
const MESSAGE_DATA = 1904;

let own: NtorRelayKeys;
const relay = () => ({ identity: own.identity, ntorKey: own.ntorKeys.publicKey });

beforeAll(async () => {
  own = { identity: new Uint8Array(32).fill(7), ntorKeys: await generateDhKeyPair() };
});

/** @param number the slot. */
const create = (number = 1, using: HandshakeCrypto = crypto) =>
  createCircuitHandshake(relay(), slot(number), using);

/** The request of a client that knows this relay and asks for what `message` says. */
async function requestOf(message: Uint8Array, used = profile): Promise<Uint8Array> {
  const keyPair = await generateDhKeyPair();
  return (await startNtor({ relay: relay(), message, keyPair, crypto, profile: used })).hdata;
}

/** The answer of a relay that holds its keys and says what `reply` says. */
async function answerOf(hdata: Uint8Array, reply: Uint8Array, keyPair?: DhKeyPair) {
  const { answer } = await openNtor({ own, hdata, crypto, profile });
  return answer(keyPair ?? (await generateDhKeyPair()), reply);
}

describe("both sides agree on", () => {
  test.each(Array.from({ length: MAX_SLOT }, (_, i) => i + 1))("keys and slot %i", async (number) => {
    const client = await create(number);
    const answered = await answerCircuitHandshake(own, client.hdata, crypto);
    const { outbound, inbound } = await client.finish(answered.hdata);
    expect(answered).toMatchObject({ slot: number, outbound, inbound });
    expect([outbound, inbound].map((key) => key.length)).toEqual([32, 32]);
    expect(outbound).not.toEqual(inbound);
    // No key may be the zeros of a buffer that was wiped too early.
    expect([outbound, inbound].map(bytesToHex)).not.toContain("00".repeat(32));
  });
});

describe("the messages", () => {
  test("do not tell the slot by their length, and fit a relay message with room to spare", async () => {
    const [first, last] = [await create(1), await create(MAX_SLOT)];
    expect([first.hdata.length, last.hdata.length]).toEqual([1320, 1320]);
    const { hdata } = await answerCircuitHandshake(own, first.hdata, crypto);
    expect(hdata).toHaveLength(1156);
    const extend = encodeExtend2({ identity: own.identity, htype: HYBRID, hdata: first.hdata });
    expect(MESSAGE_DATA - extend.length).toBe(545);
    expect(MESSAGE_DATA - encodeExtended2(hdata).length).toBe(746);
  });

  test("may be views that do not start at zero", async () => {
    const client = await create();
    const answered = await answerCircuitHandshake(own, inside(client.hdata), crypto);
    expect(await client.finish(inside(answered.hdata))).toMatchObject({ outbound: answered.outbound });
  });
});

describe("the keys", () => {
  /** Both sides' randomness, so that one part of it can be changed at a time. */
  interface Parts {
    readonly x: DhKeyPair;
    readonly y: DhKeyPair;
    readonly kem: KemKeyPair;
    readonly encapsulation: Encapsulation;
  }

  async function fresh(): Promise<Parts> {
    const kem = await crypto.kem.generateKeyPair();
    const encapsulation = await crypto.kem.encapsulate(kem.publicKey);
    return { x: await generateDhKeyPair(), y: await generateDhKeyPair(), kem, encapsulation };
  }

  const using = (pair: DhKeyPair, { kem, encapsulation }: Parts): HandshakeCrypto => ({
    ...crypto,
    generateKeyPair: () => pair,
    kem: {
      ...crypto.kem,
      generateKeyPair: () => kem,
      // A copy: it is wiped.
      encapsulate: () => ({ ...encapsulation, secret: encapsulation.secret.slice() }),
    },
  });

  async function handshake(parts: Parts) {
    const client = await create(3, using(parts.x, parts));
    const answered = await answerCircuitHandshake(own, client.hdata, using(parts.y, parts));
    expect(await client.finish(answered.hdata)).toMatchObject({ outbound: answered.outbound });
    return { request: client.hdata, ...answered, keys: bytesToHex(answered.outbound) };
  }

  test("are made of both secrets and of what was said, as SPEC §5.3 has it", async () => {
    const parts = await fresh();
    const { request, hdata, outbound, inbound } = await handshake(parts);
    const ntor = await answerOf(request, encodeAnswer(parts.encapsulation.ciphertext), parts.y);
    expect(ntor.hdata).toEqual(hdata);
    const tweak = "tabor-x25519-mlkem768-1:circuit_keys";
    const length = Buffer.alloc(8);
    length.writeUInt8(tweak.length, 7);
    const stream = createHash("shake256", { outputLength: 64 })
      .update(length)
      .update(tweak)
      .update(parts.encapsulation.secret)
      .update(ntor.keyStream)
      .update(hdata.subarray(32, 64))
      .digest();
    expect(bytesToHex(concat(outbound, inbound))).toBe(stream.toString("hex"));
  });

  test("differ when only ML-KEM's secret does", async () => {
    const parts = await fresh();
    const { kem, encapsulation } = await fresh();
    const other = await handshake({ ...parts, kem, encapsulation });
    expect(other.keys).not.toBe((await handshake(parts)).keys);
  });

  test("differ when only X25519's secrets do", async () => {
    const parts = await fresh();
    const { x, y } = await fresh();
    const { keys } = await handshake(parts);
    expect((await handshake({ ...parts, x })).keys).not.toBe(keys);
    expect((await handshake({ ...parts, y })).keys).not.toBe(keys);
  });

  test("differ when only what was said does", async () => {
    const parts = await fresh();
    const client = await create(3, using(parts.x, parts));
    const said = encodeAnswer(parts.encapsulation.ciphertext);
    const more = concat(Uint8Array.of(2), said.subarray(1), Uint8Array.of(200, 0, 0));
    const plain = await client.finish((await answerOf(client.hdata, said, parts.y)).hdata);
    const extended = await client.finish((await answerOf(client.hdata, more, parts.y)).hdata);
    expect(extended.outbound).not.toEqual(plain.outbound);
  });

  test("are nobody's when the ciphertext was made for another key", async () => {
    const client = await create();
    const { kem } = await fresh();
    const { ciphertext, secret } = await crypto.kem.encapsulate(kem.publicKey);
    const swapped: HandshakeCrypto = {
      ...crypto,
      kem: { ...crypto.kem, encapsulate: () => ({ ciphertext, secret }) },
    };
    const answered = await answerCircuitHandshake(own, client.hdata, swapped);
    expect((await client.finish(answered.hdata)).outbound).not.toEqual(answered.outbound);
  });
});

describe("the relay refuses", () => {
  const key = async () => (await crypto.kem.generateKeyPair()).publicKey;
  const asking = async (hdata: Uint8Array) =>
    expect(answerCircuitHandshake(own, hdata, crypto)).rejects.toMatchObject(failed);

  test("a change of any byte", async () => {
    const { hdata } = await create();
    for (const altered of alterations(hdata)) await asking(altered);
  });

  test("each truncation, and an extra byte", async () => {
    const { hdata } = await create();
    for (const cut of truncations(hdata)) await asking(cut);
    await asking(concat(hdata, Uint8Array.of(0)));
  });

  test.each([
    ["no slot", []],
    ["slot 0", [0]],
    ["slot 9", [9]],
    ["two slots", [1, 2]],
  ])("a client that asks for %s", async (name, body) => {
    const extensions = new Map([[17, await key()]]);
    if (name !== "no slot") extensions.set(16, Uint8Array.from(body));
    await asking(await requestOf(encodeExtensions(extensions)));
  });

  test("extensions that are none", async () => {
    const message = encodeRequest({ slot: slot(1), kemKey: await key() });
    await asking(await requestOf(new Uint8Array(0)));
    await asking(await requestOf(message.subarray(1)));
    await asking(await requestOf(message.subarray(0, -1)));
    await asking(await requestOf(concat(message, Uint8Array.of(0))));
  });

  test("a client without an ML-KEM key, as all were once", async () => {
    await asking(await requestOf(encodeExtensions(new Map([[16, Uint8Array.of(1)]]))));
  });

  test("ML-KEM keys of other lengths, and those that FIPS 203 §7.2 refuses", async () => {
    const kemKey = await key();
    // Two coefficients of 4095, where 3328 is the largest.
    const unreduced = concat(Uint8Array.of(255, 255, 255), kemKey.subarray(3));
    for (const bad of [
      kemKey.subarray(1),
      concat(kemKey, Uint8Array.of(0)),
      kemKey.subarray(0, 0),
      unreduced,
    ])
      await asking(await requestOf(encodeRequest({ slot: slot(1), kemKey: bad })));
  });

  test("a handshake for another purpose, such as Tor's", async () => {
    const message = encodeRequest({ slot: slot(1), kemKey: await key() });
    await asking(await requestOf(message, { ...profile, verification: ascii("circuit extend") }));
  });

  test("a handshake with another relay", async () => {
    const { hdata } = await create();
    const elsewhere = { identity: new Uint8Array(32).fill(8), ntorKeys: own.ntorKeys };
    await expect(answerCircuitHandshake(elsewhere, hdata, crypto)).rejects.toMatchObject(failed);
    const renewed = { identity: own.identity, ntorKeys: await generateDhKeyPair() };
    await expect(answerCircuitHandshake(renewed, hdata, crypto)).rejects.toMatchObject(failed);
  });
});

describe("the client refuses", () => {
  const ciphertext = new Uint8Array(1088);

  test("a change of any byte", async () => {
    const client = await create();
    const answered = await answerCircuitHandshake(own, client.hdata, crypto);
    for (const altered of alterations(answered.hdata))
      await expect(client.finish(altered)).rejects.toMatchObject(failed);
    // The same answer unchanged is still good: the refusals were because of the change.
    expect((await client.finish(answered.hdata)).outbound).toEqual(answered.outbound);
  });

  test("each truncation, and an extra byte", async () => {
    const client = await create();
    const { hdata } = await answerCircuitHandshake(own, client.hdata, crypto);
    for (const cut of truncations(hdata)) await expect(client.finish(cut)).rejects.toMatchObject(failed);
    await expect(client.finish(concat(hdata, Uint8Array.of(0)))).rejects.toMatchObject(failed);
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["no ciphertext, as all did once", Uint8Array.of(0)],
    ["a ciphertext that is too short", encodeAnswer(ciphertext.subarray(1))],
    ["a ciphertext that is too long", encodeAnswer(new Uint8Array(1089))],
    ["an empty ciphertext", encodeAnswer(new Uint8Array(0))],
    ["half of the extensions", encodeAnswer(ciphertext).subarray(0, 500)],
    ["a byte too many", concat(encodeAnswer(ciphertext), Uint8Array.of(0))],
  ])("a relay that answers with %s", async (_name, reply) => {
    const client = await create();
    const { hdata } = await answerOf(client.hdata, reply);
    await expect(client.finish(hdata)).rejects.toMatchObject(failed);
  });

  test("the answer to another handshake", async () => {
    const [first, second] = [await create(), await create()];
    const { hdata } = await answerCircuitHandshake(own, first.hdata, crypto);
    await expect(second.finish(hdata)).rejects.toMatchObject(failed);
  });
});

test("both sides pass over extensions that they do not know", async () => {
  const kem = await crypto.kem.generateKeyPair();
  const request = new Map([
    [3, new Uint8Array(0)],
    [16, Uint8Array.of(4)],
    [17, kem.publicKey],
    [32, Uint8Array.of(1, 2)],
  ]);
  const answered = await answerCircuitHandshake(own, await requestOf(encodeExtensions(request)), crypto);
  expect(answered.slot).toBe(4);

  const client = await create();
  const reply = new Map([
    [17, new Uint8Array(1088)],
    [32, Uint8Array.of(1, 2)],
  ]);
  const { hdata } = await answerOf(client.hdata, encodeExtensions(reply));
  expect((await client.finish(hdata)).outbound).toHaveLength(32);
});
