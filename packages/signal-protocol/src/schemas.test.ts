import fc from "fast-check";
import { TaborError } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import { clientAddress, relayAddress } from "./address.ts";
import {
  answerSchema,
  challengeSchema,
  consensusSchema,
  descriptorSchema,
  incomingSignalSchema,
  joinAnswerSchema,
  joinSchema,
  outgoingSignalSchema,
  parsePayload,
} from "./schemas.ts";
import { MAX_BLOB_LENGTH, MAX_DESCRIPTOR_LENGTH } from "./limits.ts";
import { relayId } from "@tabor/onion-core";

const filled = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff);
const relay = relayAddress(relayId(filled(32)));
const client = clientAddress(filled(16));

const samples = {
  challenge: {
    schema: challengeSchema,
    valid: { directory: filled(32), nonce: filled(32), expires: 1, admission: "open" },
  },
  join: {
    schema: joinSchema,
    valid: { role: "relay", key: filled(32), nonce: filled(32), signature: filled(64) },
  },
  "outgoing signal": { schema: outgoingSignalSchema, valid: { to: relay, blob: filled(100) } },
  "incoming signal": { schema: incomingSignalSchema, valid: { from: client, blob: filled(MAX_BLOB_LENGTH) } },
  "join answer": { schema: joinAnswerSchema, valid: { ok: true, address: client, signature: filled(64) } },
  "refused join": { schema: joinAnswerSchema, valid: { ok: false, error: "expired" } },
  answer: { schema: answerSchema, valid: { ok: true } },
  refusal: { schema: answerSchema, valid: { ok: false, error: "rate-limited" } },
} as const;

describe.each(Object.entries(samples))("payload of %s", (what, { schema, valid }) => {
  it("is accepted as SPEC §9 has it", () => {
    expect(parsePayload(schema, what, valid)).toEqual(valid);
  });

  it("reads ArrayBuffer (browsers) and Buffer (Node) alike", () => {
    const as = (wrap: (bytes: Uint8Array) => unknown) =>
      Object.fromEntries(
        Object.entries(valid).map(([key, value]) => [key, value instanceof Uint8Array ? wrap(value) : value]),
      );
    expect(
      parsePayload(
        schema,
        what,
        as((bytes) => Uint8Array.from(bytes).buffer),
      ),
    ).toEqual(valid);
    // Small buffers are windows into Node's shared pool: their offset is not zero.
    const pooled = parsePayload(
      schema,
      what,
      as((bytes) => Buffer.from(bytes)),
    );
    expect(pooled).toEqual(valid);
    for (const value of Object.values(pooled)) {
      if (value instanceof Uint8Array) expect(value.byteLength).toBe(value.buffer.byteLength);
    }
  });

  it("is refused with an unknown key, without any one key, and with any one key of another type", () => {
    expect(() => parsePayload(schema, what, { ...valid, more: 1 })).toThrow(TaborError);
    for (const key of Object.keys(valid)) {
      const without = Object.fromEntries(Object.entries(valid).filter(([name]) => name !== key));
      expect(() => parsePayload(schema, what, without)).toThrow(TaborError);
      for (const wrong of [
        null,
        "x",
        -1,
        1.5,
        Number.NaN,
        2 ** 53,
        [],
        {},
        filled(31),
        filled(33),
        filled(0),
      ]) {
        const isStillValid = key === "blob" && wrong instanceof Uint8Array && wrong.length > 0;
        if (!isStillValid)
          expect(() => parsePayload(schema, what, { ...valid, [key]: wrong })).toThrow(TaborError);
      }
    }
  });

  it("never accepts anything else, and fails in one way", () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withNullPrototype: true }), (payload) => {
        try {
          parsePayload(schema, what, payload);
          expect(payload).toEqual(expect.objectContaining({ ok: expect.any(Boolean) as boolean }));
        } catch (error) {
          expect(error).toMatchObject({ name: "TaborError", code: "malformed" });
        }
      }),
    );
  });
});

describe("lengths", () => {
  it.each([
    [outgoingSignalSchema, (bytes: Uint8Array) => ({ to: relay, blob: bytes }), MAX_BLOB_LENGTH],
    [descriptorSchema, (bytes: Uint8Array) => bytes, MAX_DESCRIPTOR_LENGTH],
  ])("are bounded", (schema, wrap, max) => {
    expect(() => parsePayload(schema, "x", wrap(filled(max)))).not.toThrow();
    expect(() => parsePayload(schema, "x", wrap(filled(max + 1)))).toThrow(TaborError);
    expect(() => parsePayload(schema, "x", wrap(filled(0)))).toThrow(TaborError);
  });

  it("of a consensus may exceed those of other messages", () => {
    expect(parsePayload(consensusSchema, "consensus", new ArrayBuffer(100_000))).toHaveLength(100_000);
  });
});

it("says nothing of the payload in its message", () => {
  expect(() =>
    parsePayload(outgoingSignalSchema, "signal", { to: "relay:secret-name", blob: filled(5) }),
  ).toThrow("signal: not as SPEC §9 has it");
});
