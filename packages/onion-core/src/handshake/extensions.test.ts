import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeExtensions,
  encodeExtensions,
  NO_EXTENSIONS,
  requestedSlot,
  requestExtensions,
} from "./extensions.ts";
import { concat, hexToBytes } from "../bytes/bytes.ts";
import { MAX_SLOT, slot } from "../crypto/slot.ts";

const malformed = expect.objectContaining({ code: "malformed" }) as Error;
const anyExtensions = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 255 })), {
    selector: ([type]) => type,
  })
  .map((entries) => new Map(entries));

test("what is encoded is decoded, in any order", () => {
  fc.assert(
    fc.property(anyExtensions, (extensions) => {
      expect(decodeExtensions(encodeExtensions(extensions))).toEqual(extensions);
    }),
  );
});

test("the longest possible list", () => {
  const all = new Map(Array.from({ length: 255 }, (_, type) => [type, new Uint8Array(255).fill(type)]));
  const decoded = decodeExtensions(encodeExtensions(all));
  expect([...decoded.keys()]).toEqual([...all.keys()]);
  expect([...decoded.values()]).toEqual([...all.values()]);
});

test("there is one encoding: what is decoded encodes to the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const decoded = attempt(() => decodeExtensions(bytes));
      if (decoded !== undefined) expect(encodeExtensions(decoded)).toEqual(bytes);
    }),
  );
});

test("each truncation and an extra byte are malformed", () => {
  fc.assert(
    fc.property(anyExtensions, fc.nat(), (extensions, cut) => {
      const bytes = encodeExtensions(extensions);
      expect(() => decodeExtensions(bytes.slice(0, cut % bytes.length))).toThrow(malformed);
      expect(() => decodeExtensions(concat(bytes, Uint8Array.of(0)))).toThrow(malformed);
    }),
  );
});

test.each([
  ["types twice", "02 0100 0100"],
  ["types out of order", "02 0200 0100"],
])("%s are malformed", (_name, hex) => {
  expect(() => decodeExtensions(hexToBytes(hex.replaceAll(" ", "")))).toThrow(malformed);
});

describe("the slot", () => {
  test("is one extension of type 16", () => {
    expect(encodeExtensions(requestExtensions(slot(5)))).toEqual(hexToBytes("01100105"));
  });

  test("is read back, whatever else the client asks for", () => {
    for (let number = 1; number <= MAX_SLOT; number++) {
      const asked = new Map([
        ...requestExtensions(slot(number)),
        [1, new Uint8Array(0)],
        [200, Uint8Array.of(1, 2)],
      ]);
      expect(requestedSlot(decodeExtensions(encodeExtensions(asked)))).toBe(number);
    }
  });

  test("is required", () => {
    expect(() => requestedSlot(NO_EXTENSIONS)).toThrow(malformed);
  });

  test.each(["", "00", "09", "ff", "0101"])("is not %j", (body) => {
    expect(() => requestedSlot(new Map([[16, hexToBytes(body)]]))).toThrow(malformed);
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
