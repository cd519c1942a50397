import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeAnswer,
  decodeExtensions,
  decodeRequest,
  encodeAnswer,
  encodeExtensions,
  encodeRequest,
} from "./extensions.ts";
import { concat, hexToBytes } from "../bytes/bytes.ts";
import { MAX_SLOT, slot } from "../crypto/slot.ts";

const malformed = expect.objectContaining({ code: "malformed" }) as Error;
const anyExtensions = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 300 })), {
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

test("as many extensions as there can be, and as long a one", () => {
  const all = new Map(Array.from({ length: 255 }, (_, type) => [type, new Uint8Array(255).fill(type)]));
  const decoded = decodeExtensions(encodeExtensions(all));
  expect([...decoded.keys()]).toEqual([...all.keys()]);
  expect([...decoded.values()]).toEqual([...all.values()]);
  const longest = new Map([[255, new Uint8Array(0xffff)]]);
  expect(decodeExtensions(encodeExtensions(longest)).get(255)).toHaveLength(0xffff);
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
  ["types twice", "02 010000 010000"],
  ["types out of order", "02 020000 010000"],
])("%s are malformed", (_name, hex) => {
  expect(() => decodeExtensions(hexToBytes(hex.replaceAll(" ", "")))).toThrow(malformed);
});

describe("what a client asks of a hop", () => {
  const kemKey = new Uint8Array(1184).fill(3);

  test("is laid out as SPEC §5.2 says", () => {
    const encoded = encodeRequest({ slot: slot(5), kemKey });
    expect(encoded).toEqual(concat(hexToBytes("0210000105" + "1104a0"), kemKey));
  });

  test("is read back, whatever else the client asks for", () => {
    for (let number = 1; number <= MAX_SLOT; number++) {
      const asked = new Map([
        ...decodeExtensions(encodeRequest({ slot: slot(number), kemKey })),
        [1, new Uint8Array(0)],
        [200, Uint8Array.of(1, 2)],
      ]);
      expect(decodeRequest(encodeExtensions(asked))).toEqual({ slot: number, kemKey });
    }
  });

  test.each([16, 17])("needs extension %i", (type) => {
    const asked = new Map(decodeExtensions(encodeRequest({ slot: slot(1), kemKey })));
    asked.delete(type);
    expect(() => decodeRequest(encodeExtensions(asked))).toThrow(malformed);
  });

  test.each(["", "00", "09", "ff", "0101"])("is not slot %j", (body) => {
    const asked = new Map([
      [16, hexToBytes(body)],
      [17, kemKey],
    ]);
    expect(() => decodeRequest(encodeExtensions(asked))).toThrow(malformed);
  });
});

describe("what a hop answers", () => {
  const ciphertext = new Uint8Array(1088).fill(4);

  test("is laid out as SPEC §5.2 says", () => {
    expect(encodeAnswer(ciphertext)).toEqual(concat(hexToBytes("01110440"), ciphertext));
    expect(decodeAnswer(encodeAnswer(ciphertext))).toEqual(ciphertext);
  });

  test("is a ciphertext", () => {
    expect(() => decodeAnswer(hexToBytes("00"))).toThrow(malformed);
    expect(() => decodeAnswer(hexToBytes("0110000105"))).toThrow(malformed);
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
