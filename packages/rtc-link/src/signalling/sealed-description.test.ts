import { concat, generateDhKeyPair, relayId, TaborError, type RelayId } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import { MAX_SDP_LENGTH, openOffer, readEnvelope, sealOffer, type Reply } from "./sealed-description.ts";

const random = {
  fill: <T extends Uint8Array>(target: T): T => {
    crypto.getRandomValues(target as T & Uint8Array<ArrayBuffer>);
    return target;
  },
};

async function relayKeys(fill: number) {
  return { relay: relayId(new Uint8Array(32).fill(fill)), keys: await generateDhKeyPair(), random };
}

const SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=–\r\n";

async function exchange(reply: Reply) {
  const responder = await relayKeys(1);
  const offer = await sealOffer(SDP, responder.relay, responder.keys.publicKey);
  const opened = await openOffer(readEnvelope(offer.blob), responder);
  return { responder, offer, opened, reply: await opened.seal(reply) };
}

const replies: readonly Reply[] = [
  { type: "answer", sdp: `${SDP}a=answer` },
  { type: "answer", sdp: "" },
  { type: "refusal", reason: "busy" },
  { type: "refusal", reason: "unwanted" },
];

/** Every way to change one byte, to cut, and to append. */
function* tampered(blob: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < blob.length; i++) {
    const flipped = blob.slice();
    flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
    yield flipped;
  }
  for (let length = 0; length < blob.length; length++) yield blob.subarray(0, length);
  yield concat(blob, Uint8Array.of(0));
}

describe("sealed session description", () => {
  it.each(replies)("is opened by both sides: %j", async (reply) => {
    const { offer, opened, reply: blob } = await exchange(reply);
    expect(opened.sdp).toBe(SDP);
    expect(readEnvelope(blob).id).toBe(offer.id);
    expect(await offer.open(readEnvelope(blob))).toEqual(reply);
  });

  it("shows nothing of the SDP, and never looks the same twice", async () => {
    const first = await exchange({ type: "answer", sdp: SDP });
    for (const blob of [first.offer.blob, first.reply]) {
      expect(Buffer.from(blob).includes("127.0.0.1")).toBe(false);
    }
    expect(await first.opened.seal({ type: "answer", sdp: SDP })).not.toEqual(first.reply);
  });

  it("carries an SDP of 8 KiB and no longer one", async () => {
    const { relay, keys } = await relayKeys(1);
    await expect(sealOffer("x".repeat(MAX_SDP_LENGTH), relay, keys.publicKey)).resolves.toBeDefined();
    await expect(sealOffer("x".repeat(MAX_SDP_LENGTH + 1), relay, keys.publicKey)).rejects.toThrow(
      TaborError,
    );
    await expect(sealOffer("–".repeat(MAX_SDP_LENGTH / 2), relay, keys.publicKey)).rejects.toThrow(
      TaborError,
    );
  });

  it("is read from views that do not start at zero", async () => {
    const { responder, offer } = await exchange({ type: "refusal", reason: "busy" });
    const shifted = concat(Uint8Array.of(9, 9, 9), offer.blob, Uint8Array.of(9)).subarray(
      3,
      3 + offer.blob.length,
    );
    expect((await openOffer(readEnvelope(shifted), responder)).sdp).toBe(SDP);
  });
});

describe("an offer", () => {
  it("is refused with any byte flipped, cut or appended", async () => {
    const { responder, offer } = await exchange({ type: "refusal", reason: "busy" });
    for (const blob of tampered(offer.blob)) {
      await expect((async () => openOffer(readEnvelope(blob), responder))()).rejects.toThrow(TaborError);
    }
  });

  it("is refused by another key, by another identity, and in the other direction", async () => {
    const { responder, offer, reply } = await exchange({ type: "answer", sdp: SDP });
    const other = await relayKeys(2);
    const envelope = readEnvelope(offer.blob);
    const opening = (relay: RelayId, keys: typeof other.keys) => openOffer(envelope, { relay, keys, random });
    await expect(opening(responder.relay, other.keys)).rejects.toMatchObject({ code: "not-authentic" });
    await expect(opening(other.relay, responder.keys)).rejects.toMatchObject({ code: "not-authentic" });
    await expect(openOffer(readEnvelope(reply), responder)).rejects.toMatchObject({ code: "malformed" });
    await expect(offer.open(envelope)).rejects.toThrow(TaborError);
  });

  it("is not sealed to keys of small order or wrong length", async () => {
    const { relay } = await relayKeys(1);
    for (const key of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(0)]) {
      await expect(sealOffer(SDP, relay, key)).rejects.toMatchObject({ code: "not-authentic" });
    }
  });
});

describe("a reply", () => {
  it.each(replies)("is refused with any byte flipped, cut or appended: %j", async (reply) => {
    const { offer, reply: blob } = await exchange(reply);
    for (const changed of tampered(blob)) {
      await expect((async () => offer.open(readEnvelope(changed)))()).rejects.toThrow(TaborError);
    }
  });

  it("to another offer is refused, also under this one's name", async () => {
    const mine = await exchange(replies[0] ?? { type: "refusal", reason: "busy" });
    const theirs = await exchange({ type: "answer", sdp: SDP });
    const foreign = readEnvelope(theirs.reply);
    await expect(mine.offer.open(foreign)).rejects.toMatchObject({ code: "not-authentic" });
    await expect(
      mine.offer.open({ ...foreign, enc: readEnvelope(mine.offer.blob).enc }),
    ).rejects.toMatchObject({
      code: "not-authentic",
    });
  });
});
