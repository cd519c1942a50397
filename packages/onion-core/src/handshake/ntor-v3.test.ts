import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { NtorProfile } from "./ntor-v3-keys.ts";
import { finishNtor, openNtor, startNtor, type NtorRelay, type NtorRelayKeys } from "./ntor-v3.ts";
import { ascii, bytesToHex, concat, hexToBytes } from "../bytes/bytes.ts";
import { alterations, inside, truncations } from "../testing/hostile-bytes.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import { generateDhKeyPair, importDhKeyPair } from "../crypto/x25519.ts";
import type { DhKeyPair } from "../ports/primitives.ts";

const file = new URL("../../test-vectors/ntor-v3.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: Record<string, string>[] };

const failed = { code: "not-authentic", where: "relay", message: "circuit handshake failed" };
const crypto = webHandshake;
const profile: NtorProfile = { verification: ascii("test"), keyLength: 64 };

/** Points of small order, and equal encodings of them: each gives an all-zero secret (RFC 7748 §7). */
const lowOrderPoints = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(hexToBytes);

interface Relay extends NtorRelay {
  readonly own: NtorRelayKeys;
}

async function makeRelay(): Promise<Relay> {
  const ntorKeys = await generateDhKeyPair();
  const identity = (await generateDhKeyPair()).publicKey;
  return { identity, ntorKey: ntorKeys.publicKey, own: { identity, ntorKeys } };
}

async function start(relay: NtorRelay, message = "hello", keyPair?: DhKeyPair) {
  return startNtor({
    relay,
    message: ascii(message),
    keyPair: keyPair ?? (await generateDhKeyPair()),
    profile,
    crypto,
  });
}

async function answer(own: NtorRelayKeys, hdata: Uint8Array, reply = "welcome", used = profile) {
  const keyPair = await generateDhKeyPair();
  const { message, answer } = await openNtor({ own, hdata, profile: used, crypto });
  return { message, ...(await answer(keyPair, ascii(reply))) };
}

describe("the published vector", () => {
  test.each(vectors)("$name", async (vector) => {
    const bytes = (name: string): Uint8Array => hexToBytes(vector[name] ?? "");
    const pair = (secret: string, key: string) => importDhKeyPair(bytes(secret), bytes(key));
    const identity = bytes("relay_identity_ed25519");
    const published = { verification: bytes("verification"), keyLength: bytes("key_stream").length };
    const { hdata, state } = await startNtor({
      relay: { identity, ntorKey: bytes("relay_onion_public_B") },
      message: bytes("client_message"),
      keyPair: await pair("client_secret_x", "client_public_X"),
      profile: published,
      crypto,
    });
    expect(bytesToHex(hdata)).toBe(vector["client_handshake"]);

    const opened = await openNtor({
      own: { identity, ntorKeys: await pair("relay_onion_secret_b", "relay_onion_public_B") },
      hdata,
      profile: published,
      crypto,
    });
    expect(bytesToHex(opened.message)).toBe(vector["client_message"]);
    const ephemeral = await pair("relay_ephemeral_secret_y", "relay_ephemeral_public_Y");
    const answered = await opened.answer(ephemeral, bytes("server_message"));
    expect(bytesToHex(answered.hdata)).toBe(vector["server_handshake"]);
    expect(bytesToHex(answered.keyStream)).toBe(vector["key_stream"]);

    const finished = await finishNtor(state, answered.hdata);
    expect(bytesToHex(finished.message)).toBe(vector["server_message"]);
    expect(bytesToHex(finished.keyStream)).toBe(vector["key_stream"]);
  });
});

describe("round trip", () => {
  test.each(["", "m", "a message that is longer than one block of the cipher"])(
    "messages %j",
    async (message) => {
      const relay = await makeRelay();
      const { hdata, state } = await start(relay, message);
      const answered = await answer(relay.own, hdata, message);
      const finished = await finishNtor(state, answered.hdata);
      expect(answered.message).toEqual(ascii(message));
      expect(finished.message).toEqual(ascii(message));
      expect(finished.keyStream).toEqual(answered.keyStream);
      expect(finished.keyStream).toHaveLength(profile.keyLength);
      expect(finished.auth).toEqual(answered.auth);
    },
  );

  test("two handshakes with the same relay give different keys", async () => {
    const relay = await makeRelay();
    const first = await answer(relay.own, (await start(relay)).hdata);
    const second = await answer(relay.own, (await start(relay)).hdata);
    expect(first.keyStream).not.toEqual(second.keyStream);
    expect(first.auth).not.toEqual(second.auth);
  });

  test("both messages may be views that do not start at zero", async () => {
    const relay = await makeRelay();
    const { hdata, state } = await start(relay);
    const answered = await answer(relay.own, inside(hdata));
    const finished = await finishNtor(state, inside(answered.hdata));
    expect(finished.keyStream).toEqual(answered.keyStream);
  });
});

describe("the relay refuses", () => {
  test("a change of any byte", async () => {
    const relay = await makeRelay();
    const { hdata } = await start(relay);
    for (const altered of alterations(hdata))
      await expect(answer(relay.own, altered)).rejects.toMatchObject(failed);
  });

  test("each truncation, and an extra byte", async () => {
    const relay = await makeRelay();
    const { hdata } = await start(relay);
    const extra = concat(hdata, Uint8Array.of(0));
    for (const other of [...truncations(hdata), extra]) {
      await expect(answer(relay.own, other)).rejects.toMatchObject(failed);
    }
  });

  test("a handshake for another identity, another ntor key or another purpose", async () => {
    const relay = await makeRelay();
    const other = await makeRelay();
    const refuses = async (asked: NtorRelay, own: NtorRelayKeys, used = profile) =>
      expect(answer(own, (await start(asked)).hdata, "welcome", used)).rejects.toMatchObject(failed);
    await refuses({ identity: other.identity, ntorKey: relay.ntorKey }, relay.own);
    await refuses({ identity: relay.identity, ntorKey: other.ntorKey }, relay.own);
    await refuses(relay, relay.own, { ...profile, verification: ascii("toast") });
  });

  test("a handshake that names its keys, made by someone who used another", async () => {
    const relay = await makeRelay();
    const impostor = await makeRelay();
    const { hdata } = await start({ identity: relay.identity, ntorKey: impostor.ntorKey });
    const renamed = concat(hdata.slice(0, 32), relay.ntorKey, hdata.slice(64));
    await expect(answer(relay.own, renamed)).rejects.toMatchObject(failed);
  });

  test.each(lowOrderPoints.map((point) => [bytesToHex(point), point]))(
    "the client key %s",
    async (_name, point) => {
      const relay = await makeRelay();
      const { hdata } = await start(relay);
      const forged = concat(hdata.slice(0, 64), point, hdata.slice(96));
      await expect(answer(relay.own, forged)).rejects.toMatchObject(failed);
    },
  );
});

describe("the client refuses", () => {
  test("a change of any byte", async () => {
    const relay = await makeRelay();
    const { hdata, state } = await start(relay);
    const answered = await answer(relay.own, hdata);
    for (const altered of alterations(answered.hdata)) {
      await expect(finishNtor(state, altered)).rejects.toMatchObject(failed);
    }
    // The same answer unchanged is still good: the refusals were because of the change.
    expect((await finishNtor(state, answered.hdata)).keyStream).toEqual(answered.keyStream);
  });

  test("each truncation, and an extra byte", async () => {
    const relay = await makeRelay();
    const { hdata, state } = await start(relay);
    const answered = await answer(relay.own, hdata);
    const extra = concat(answered.hdata, Uint8Array.of(0));
    for (const other of [...truncations(answered.hdata), extra]) {
      await expect(finishNtor(state, other)).rejects.toMatchObject(failed);
    }
  });

  test("the answer to another handshake", async () => {
    const relay = await makeRelay();
    const { state } = await start(relay);
    const answered = await answer(relay.own, (await start(relay)).hdata);
    await expect(finishNtor(state, answered.hdata)).rejects.toMatchObject(failed);
  });

  test("the answer of someone who holds another ntor key", async () => {
    const impostor = await makeRelay();
    const asked = { identity: impostor.identity, ntorKey: (await makeRelay()).ntorKey };
    const keyPair = await generateDhKeyPair();
    const { state } = await start(asked, "hello", keyPair);
    const { hdata } = await start(impostor, "hello", keyPair);
    const answered = await answer(impostor.own, hdata);
    await expect(finishNtor(state, answered.hdata)).rejects.toMatchObject(failed);
  });

  test("ntor keys of small order, before anything is sent", async () => {
    const { identity } = await makeRelay();
    for (const ntorKey of lowOrderPoints)
      await expect(start({ identity, ntorKey })).rejects.toMatchObject(failed);
  });

  test("answers with keys of small order", async () => {
    const relay = await makeRelay();
    const { hdata, state } = await start(relay);
    const answered = await answer(relay.own, hdata);
    for (const point of lowOrderPoints) {
      const forged = concat(point, answered.hdata.slice(32));
      await expect(finishNtor(state, forged)).rejects.toMatchObject(failed);
    }
  });
});
