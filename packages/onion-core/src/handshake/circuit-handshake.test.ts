import { beforeAll, describe, expect, test } from "vitest";
import { answerCircuitHandshake, createCircuitHandshake } from "./circuit-handshake.ts";
import { startNtor, answerNtor, type NtorRelayKeys } from "./ntor-v3.ts";
import { ascii, bytesToHex, hexToBytes } from "../bytes/bytes.ts";
import { MAX_SLOT, slot } from "../crypto/slot.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import { generateDhKeyPair } from "../crypto/x25519.ts";

const crypto = webHandshake;

const failed = { code: "not-authentic", where: "relay", message: "circuit handshake failed" };
const profile = { verification: ascii("circuit extend"), keyLength: 64 };

let own: NtorRelayKeys;
const relay = () => ({ identity: own.identity, ntorKey: own.ntorKeys.publicKey });

beforeAll(async () => {
  own = { identity: new Uint8Array(32).fill(7), ntorKeys: await generateDhKeyPair() };
});

describe("both sides agree on", () => {
  test.each(Array.from({ length: MAX_SLOT }, (_, i) => i + 1))("keys and slot %i", async (number) => {
    const client = await createCircuitHandshake(relay(), slot(number), crypto);
    const answered = await answerCircuitHandshake(own, client.hdata, crypto);
    const { outbound, inbound } = await client.finish(answered.hdata);
    expect(answered).toMatchObject({ slot: number, outbound, inbound });
    expect([outbound, inbound].map((key) => key.length)).toEqual([32, 32]);
    expect(outbound).not.toEqual(inbound);
    // No key may be the zeros of a buffer that was wiped too early.
    expect([outbound, inbound].map(bytesToHex)).not.toContain("00".repeat(32));
  });
});

test("the length of the client's message does not tell the slot", async () => {
  const handshakes = await Promise.all(
    [1, 8].map(async (number) => createCircuitHandshake(relay(), slot(number), crypto)),
  );
  expect(handshakes.map(({ hdata }) => hdata.length)).toEqual([132, 132]);
});

test("the keys are the first 64 bytes of the key stream, outbound first", async () => {
  const keyPair = await generateDhKeyPair();
  const client = await createCircuitHandshake(relay(), slot(3), crypto);
  const { outbound, inbound } = await answerCircuitHandshake(own, client.hdata, {
    ...crypto,
    generateKeyPair: () => keyPair,
  });
  const raw = await answerNtor({
    own,
    hdata: client.hdata,
    keyPair,
    crypto,
    profile,
    message: hexToBytes("00"),
  });
  expect(bytesToHex(outbound) + bytesToHex(inbound)).toBe(bytesToHex(raw.keyStream));
});

test.each([
  ["nothing", ""],
  ["no slot", "00"],
  ["slot 0", "01100100"],
  ["slot 9", "01100109"],
  ["two slots", "02100101100102"],
  ["a byte too many", "0110010100"],
])("the relay refuses a client that asks for %s", async (_name, message) => {
  const keyPair = await generateDhKeyPair();
  const { hdata } = await startNtor({
    relay: relay(),
    message: hexToBytes(message),
    keyPair,
    crypto,
    profile,
  });
  await expect(answerCircuitHandshake(own, hdata, crypto)).rejects.toMatchObject(failed);
});

test("the relay passes over what it does not know", async () => {
  const keyPair = await generateDhKeyPair();
  const message = hexToBytes("03010010010420020102");
  const { hdata } = await startNtor({ relay: relay(), message, keyPair, crypto, profile });
  const answered = await answerCircuitHandshake(own, hdata, crypto);
  expect(answered.slot).toBe(4);
});

test.each(["", "0000", "01"])("the client refuses the malformed answer %j", async (message) => {
  const client = await createCircuitHandshake(relay(), slot(1), crypto);
  const keyPair = await generateDhKeyPair();
  const options = { own, hdata: client.hdata, keyPair, crypto, profile, message: hexToBytes(message) };
  const { hdata } = await answerNtor(options);
  await expect(client.finish(hdata)).rejects.toMatchObject(failed);
});

test("the client passes over extensions of the answer that it does not know", async () => {
  const client = await createCircuitHandshake(relay(), slot(1), crypto);
  const keyPair = await generateDhKeyPair();
  const options = { own, hdata: client.hdata, keyPair, crypto, profile, message: hexToBytes("0120020102") };
  const { hdata } = await answerNtor(options);
  expect((await client.finish(hdata)).outbound).toHaveLength(32);
});

test("a handshake for another purpose is refused", async () => {
  const keyPair = await generateDhKeyPair();
  const other = { ...profile, verification: ascii("xyzzy") };
  const { hdata } = await startNtor({
    relay: relay(),
    message: hexToBytes("01100101"),
    keyPair,
    crypto,
    profile: other,
  });
  await expect(answerCircuitHandshake(own, hdata, crypto)).rejects.toMatchObject(failed);
});
