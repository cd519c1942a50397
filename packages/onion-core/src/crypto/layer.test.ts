import { describe, expect, it } from "vitest";
import { Layer, tagOf } from "./layer.ts";
import { contentLength, MAX_SLOT, sealedLength, slot, type Slot } from "./slot.ts";
import { BODY_LENGTH } from "../cell/cell.ts";
import { decodeRelayMessage, MESSAGE_LENGTH, OUTBOUND_COMMANDS } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import type { AeadKey } from "../ports/aead.ts";
import { nodeAead } from "../scenarios/node-aead.ts";
import { content } from "../scenarios/support.ts";

const KEY = content(1, 32);
const SLOTS = Array.from({ length: MAX_SLOT }, (_, i) => slot(i + 1));

async function pair(s: Slot): Promise<{ sealing: Layer; opening: Layer; key: AeadKey }> {
  const key = await nodeAead.importKey(KEY);
  return { sealing: new Layer(key, s), opening: new Layer(key, s), key };
}

/** What comes in a cell: the sealed part, then random bytes. */
function inCell(sealed: Uint8Array): Uint8Array {
  const body = content(9, BODY_LENGTH);
  body.set(sealed);
  return body;
}

function nonce(number: number): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(8, number);
  return bytes;
}

describe("slots", () => {
  it("are 1…8", () => {
    for (const bad of [0, 9, -1, 1.5, NaN, Infinity]) expect(() => slot(bad)).toThrow(TaborError);
  });

  it("shorten by 17 bytes each, and leave room for a message in the last", () => {
    for (const s of SLOTS) {
      expect(sealedLength(s)).toBe(2043 - 17 * (s - 1));
      expect(contentLength(s)).toBe(sealedLength(s) - 17);
    }
    expect(contentLength(slot(MAX_SLOT))).toBe(MESSAGE_LENGTH);
  });
});

describe("a layer", () => {
  for (const s of SLOTS)
    it(`of slot ${String(s)} gives back what it sealed, and nothing of the rest of the cell`, async () => {
      const { sealing, opening } = await pair(s);
      for (let i = 0; i < 3; i++) {
        const sealed = await sealing.sealMessage({ command: "DROP" });
        expect(sealed).toHaveLength(sealedLength(s));
        const opened = await opening.open(inCell(sealed));
        expect(opened.isMessage).toBe(true);
        expect(tagOf(opened.sealed)).toEqual(tagOf(sealed));
        expect(decodeRelayMessage(opened.content, OUTBOUND_COMMANDS)).toEqual({ command: "DROP" });
      }
      const forwarded = content(5, BODY_LENGTH);
      const opened = await opening.open(inCell(await sealing.sealForward(forwarded)));
      expect(opened.isMessage).toBe(false);
      expect(opened.content).toEqual(forwarded.subarray(0, contentLength(s)));
    });

  it("uses u32(0) | u64(n) as the nonce of its n-th cell, and no other", async () => {
    const { sealing, key } = await pair(slot(3));
    for (let n = 0; n < 300; n++) {
      const sealed = await sealing.sealMessage({ command: "DROP" });
      expect(await key.open(nonce(n), sealed)).not.toBeNull();
    }
  });

  it("refuses a bit that was changed anywhere in what it covers", async () => {
    for (const at of [0, 1, 900, sealedLength(slot(2)) - 17, sealedLength(slot(2)) - 1]) {
      const { sealing, opening } = await pair(slot(2));
      const body = inCell(await sealing.sealMessage({ command: "DROP" }));
      body[at] = (body[at] ?? 0) ^ 0x10;
      expect(() => opening.open(body)).toThrow(expect.objectContaining({ code: "not-authentic" }));
    }
  });

  it("refuses cells that are repeated, left out, or out of turn", async () => {
    for (const order of [[0, 0], [1], [0, 2]]) {
      const { sealing, opening } = await pair(slot(1));
      const cells = [0, 1, 2].map(() => (sealing.sealMessage({ command: "DROP" }) as Uint8Array).slice());
      const open = (): void => {
        for (const i of order) void opening.open(cells[i] as Uint8Array);
      };
      expect(open).toThrow(expect.objectContaining({ code: "not-authentic" }));
    }
  });

  it("of another slot does not open it, nor one of another key", async () => {
    const { sealing, key } = await pair(slot(4));
    const body = inCell(await sealing.sealMessage({ command: "DROP" }));
    expect(() => new Layer(key, slot(5)).open(body)).toThrow(TaborError);
    const other = await nodeAead.importKey(content(2, 32));
    expect(() => new Layer(other, slot(4)).open(body)).toThrow(TaborError);
  });

  it("takes no flag but 0 and 1", async () => {
    const { opening, key } = await pair(slot(1));
    for (const [n, flag] of [0, 1, 2, 255].entries()) {
      const plaintext = new Uint8Array(contentLength(slot(1)) + 1);
      plaintext[0] = flag;
      const sealed = (await key.seal(nonce(n), plaintext)) as Uint8Array<ArrayBuffer>;
      if (flag < 2) expect((await opening.open(sealed)).isMessage).toBe(flag === 1);
      else expect(() => opening.open(sealed)).toThrow(expect.objectContaining({ code: "protocol" }));
    }
  });

  it("keeps the place that was taken for content that is sealed later", async () => {
    const { sealing, opening } = await pair(slot(1));
    const later = sealing.sealForwardLater();
    const second = (await sealing.sealMessage({ command: "DROP" })).slice();
    const first = await later(content(1, BODY_LENGTH));
    expect((await opening.open(inCell(first))).isMessage).toBe(false);
    expect((await opening.open(inCell(second))).isMessage).toBe(true);
  });

  it("loses no place in the order to a message that cannot be said", async () => {
    const { sealing, opening } = await pair(slot(1));
    expect(() => sealing.sealMessage({ command: "EXTENDED2", hdata: new Uint8Array(1903) })).toThrow(
      "too long",
    );
    await opening.open(inCell(await sealing.sealMessage({ command: "DROP" })));
  });
});
