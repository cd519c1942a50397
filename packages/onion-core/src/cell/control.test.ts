import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BODY_LENGTH } from "./cell.ts";
import {
  decodeCreate2,
  decodeCreated2,
  decodeDestroy,
  DESTROY_REASONS,
  encodeCreate2,
  encodeCreated2,
  encodeDestroy,
  type DestroyReason,
} from "./control.ts";
import { bytesToHex, concat, hexToBytes } from "../bytes/bytes.ts";
import { inside, truncations } from "../testing/hostile-bytes.ts";

const malformed = expect.objectContaining({ code: "malformed" }) as Error;
const anyHdata = fc.uint8Array({ maxLength: 200 });
const anyCreate = fc.record({ htype: fc.integer({ min: 0, max: 0xffff }), hdata: anyHdata });
const anyReason = fc.constantFrom(...(Object.keys(DESTROY_REASONS) as DestroyReason[]));

/** A whole body, as it comes in a cell. */
function padded(content: Uint8Array): Uint8Array {
  return concat(content, new Uint8Array(BODY_LENGTH - content.length));
}

test("bodies are decoded as they were encoded, wherever they lie", () => {
  fc.assert(
    fc.property(anyCreate, anyHdata, anyReason, (create, hdata, reason) => {
      expect(decodeCreate2(inside(padded(encodeCreate2(create))))).toEqual(create);
      expect(decodeCreated2(inside(padded(encodeCreated2(hdata))))).toEqual(hdata);
      expect(decodeDestroy(inside(padded(encodeDestroy(reason))))).toBe(reason);
    }),
  );
});

test("bodies are laid out as SPEC §3 says", () => {
  const hdata = hexToBytes("aabbcc");
  expect(bytesToHex(encodeCreate2({ htype: 3, hdata }))).toBe("00030003aabbcc");
  expect(bytesToHex(encodeCreated2(hdata))).toBe("0003aabbcc");
  expect(bytesToHex(encodeDestroy("resource-limit"))).toBe("05");
});

test("the longest hdata fills the body", () => {
  const body = concat(hexToBytes("000307f7"), new Uint8Array(2039).fill(1));
  expect(body).toHaveLength(BODY_LENGTH);
  expect(decodeCreate2(body).hdata).toHaveLength(2039);
});

const decoders: readonly [string, (body: Uint8Array) => unknown, Uint8Array][] = [
  ["CREATE2", decodeCreate2, encodeCreate2({ htype: 3, hdata: new Uint8Array(132).fill(1) })],
  ["CREATED2", decodeCreated2, encodeCreated2(new Uint8Array(65).fill(1))],
  ["DESTROY", decodeDestroy, encodeDestroy("timeout")],
];

describe.each(decoders)("%s is malformed", (_name, decode, content) => {
  test("when it is truncated", () => {
    for (const cut of truncations(content)) expect(() => decode(cut)).toThrow(malformed);
  });

  test("when a byte of the padding is not zero", () => {
    for (const position of [content.length, content.length + 1, 1000, BODY_LENGTH - 1]) {
      const body = padded(content);
      body[position] = 1;
      expect(() => decode(body)).toThrow(malformed);
    }
  });
});

test.each([
  ["CREATE2", decodeCreate2, "000307f8"],
  ["CREATE2", decodeCreate2, "0003ffff"],
  ["CREATED2", decodeCreated2, "07fa"],
  ["CREATED2", decodeCreated2, "ffff"],
] as const)("%s whose hdata is longer than the body is malformed: %s", (_name, decode, start) => {
  expect(() => decode(padded(hexToBytes(start)))).toThrow(malformed);
});

test("an unknown reason is read as none", () => {
  for (let number = 12; number < 256; number++)
    expect(decodeDestroy(padded(Uint8Array.of(number)))).toBe("none");
});
