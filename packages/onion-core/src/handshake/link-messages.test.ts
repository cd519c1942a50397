import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeAuthenticate,
  decodeVersions,
  encodeAuthenticate,
  encodeVersions,
  padBody,
  type LinkRole,
} from "./link-messages.ts";
import { hexToBytes } from "../bytes/bytes.ts";
import { BODY_LENGTH } from "../cell/cell.ts";
import { inside, truncations } from "../testing/hostile-bytes.ts";

const malformed = expect.objectContaining({ code: "malformed" }) as Error;

const anyVersions = fc.record({
  versions: fc
    .uniqueArray(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 16 })
    .map((list) => list.sort((a, b) => a - b)),
  role: fc.constantFrom<LinkRole>("client", "relay"),
  nonce: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

const anyAuthenticate = fc.record({
  identity: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
});

test("both messages are decoded as they were encoded, wherever the body lies", () => {
  fc.assert(
    fc.property(anyVersions, anyAuthenticate, (versions, authenticate) => {
      expect(decodeVersions(inside(padBody(encodeVersions(versions))))).toEqual(versions);
      expect(decodeAuthenticate(inside(padBody(encodeAuthenticate(authenticate))))).toEqual(authenticate);
    }),
  );
});

test("what is decoded does not change with the buffer it came in", () => {
  const body = padBody(encodeVersions({ versions: [1], role: "relay", nonce: new Uint8Array(32).fill(1) }));
  const { nonce } = decodeVersions(body);
  body.fill(9);
  expect(nonce).toEqual(new Uint8Array(32).fill(1));
});

test("a body has the length of a cell's", () => {
  expect(padBody(new Uint8Array(96))).toHaveLength(BODY_LENGTH);
});

test("padding is zero", () => {
  fc.assert(
    fc.property(anyVersions, anyAuthenticate, fc.nat(), (versions, authenticate, position) => {
      const ending = (content: Uint8Array) => {
        const body = padBody(content);
        body[content.length + (position % (BODY_LENGTH - content.length))] = 1;
        return body;
      };
      expect(() => decodeVersions(ending(encodeVersions(versions)))).toThrow(malformed);
      expect(() => decodeAuthenticate(ending(encodeAuthenticate(authenticate)))).toThrow(malformed);
    }),
  );
});

test("each truncation is malformed", () => {
  const versions = encodeVersions({ versions: [1, 2], role: "relay", nonce: new Uint8Array(32) });
  for (const cut of truncations(versions)) expect(() => decodeVersions(cut)).toThrow(malformed);
  for (const cut of truncations(new Uint8Array(96))) expect(() => decodeAuthenticate(cut)).toThrow(malformed);
});

describe("VERSIONS", () => {
  const nonce = "11".repeat(32);

  test("is laid out as SPEC §2.2 says", () => {
    const encoded = encodeVersions({ versions: [1, 0x0203], role: "relay", nonce: hexToBytes(nonce) });
    expect(encoded).toEqual(hexToBytes(`020001020301${nonce}`));
  });

  test.each([
    ["no versions", `00 00${nonce}`],
    [
      "seventeen versions",
      `11 ${Array.from({ length: 17 }, (_, i) => `00${(i + 16).toString(16)}`).join("")} 00${nonce}`,
    ],
    ["a version twice", `02 00010001 00${nonce}`],
    ["versions out of order", `02 00020001 00${nonce}`],
    ["another role", `01 0001 02${nonce}`],
  ])("with %s is malformed", (_name, hex) => {
    expect(() => decodeVersions(padBody(hexToBytes(hex.replaceAll(" ", ""))))).toThrow(malformed);
  });
});
