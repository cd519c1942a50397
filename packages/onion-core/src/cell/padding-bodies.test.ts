import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BODY_LENGTH } from "./cell.ts";
import {
  decodeCircuitPadded,
  decodeCircuitPadding,
  decodeLinkPadding,
  encodeCircuitPadded,
  encodeCircuitPadding,
  encodeLinkPadding,
  type CircuitPaddingAnswer,
  type LinkPaddingRequest,
} from "./padding-bodies.ts";
import { bytesToHex, concat, hexToBytes } from "../bytes/bytes.ts";
import { inside, truncations } from "../testing/hostile-bytes.ts";

const malformed = expect.objectContaining({ code: "malformed" }) as Error;

const u16 = fc.integer({ min: 0, max: 0xffff });
const anyLinkRequest: fc.Arbitrary<LinkPaddingRequest> = fc.oneof(
  fc.constant({ command: "stop" } as const),
  fc.record({ command: fc.constant("start" as const), low: u16, high: u16 }),
);
const anyAnswer: fc.Arbitrary<CircuitPaddingAnswer> = fc.record({
  action: fc.constantFrom("start", "stop"),
  ok: fc.boolean(),
  machine: fc.integer({ min: 1, max: 255 }),
  counter: fc.integer({ min: 0, max: 0xffff_ffff }),
});

function padded(content: Uint8Array): Uint8Array {
  return concat(content, new Uint8Array(BODY_LENGTH - content.length));
}

test("what is said about padding is read as it was said, wherever it lies", () => {
  fc.assert(
    fc.property(anyLinkRequest, anyAnswer, (request, answer) => {
      const { ok: _, ...asked } = answer;
      expect(decodeLinkPadding(inside(padded(encodeLinkPadding(request))))).toEqual(request);
      expect(decodeCircuitPadding(inside(encodeCircuitPadding(asked)))).toEqual(asked);
      expect(decodeCircuitPadded(inside(encodeCircuitPadded(answer)))).toEqual(answer);
    }),
  );
});

test("bodies are laid out as SPEC §13 says", () => {
  const asked = { action: "start", machine: 1, counter: 7 } as const;
  expect(bytesToHex(encodeLinkPadding({ command: "stop" }))).toBe("000100000000");
  expect(bytesToHex(encodeLinkPadding({ command: "start", low: 1500, high: 9500 }))).toBe("000205dc251c");
  expect(bytesToHex(encodeCircuitPadding(asked))).toBe("0002010000000007");
  expect(bytesToHex(encodeCircuitPadded({ ...asked, ok: true }))).toBe("0002010100000007");
  expect(bytesToHex(encodeCircuitPadded({ ...asked, action: "stop", ok: false }))).toBe("0001020100000007");
});

const decoders: readonly [string, (body: Uint8Array) => unknown, Uint8Array, boolean][] = [
  ["a link's request", decodeLinkPadding, encodeLinkPadding({ command: "start", low: 1, high: 2 }), true],
  [
    "a circuit's request",
    decodeCircuitPadding,
    encodeCircuitPadding({ action: "stop", machine: 1, counter: 1 }),
    false,
  ],
  [
    "a circuit's answer",
    decodeCircuitPadded,
    encodeCircuitPadded({ action: "stop", ok: true, machine: 1, counter: 1 }),
    false,
  ],
];

describe.each(decoders)("%s is malformed", (_name, decode, content, isPadded) => {
  const whole = (bytes: Uint8Array): Uint8Array => (isPadded ? padded(bytes) : bytes);

  test("when it is truncated", () => {
    for (const cut of truncations(content)) expect(() => decode(cut)).toThrow(malformed);
  });

  test("when something follows it", () => {
    expect(() => decode(concat(content, Uint8Array.of(1)))).toThrow(malformed);
    if (!isPadded) expect(() => decode(concat(content, Uint8Array.of(0)))).toThrow(malformed);
  });

  test("in another version", () => {
    for (let version = 1; version < 256; version++)
      expect(() => decode(whole(concat(Uint8Array.of(version), content.subarray(1))))).toThrow(malformed);
  });

  test("with another command than stop and start", () => {
    for (let command = 0; command < 256; command++) {
      if (command === 1 || command === 2) continue;
      const bytes = concat(content.subarray(0, 1), Uint8Array.of(command), content.subarray(2));
      expect(() => decode(whole(bytes))).toThrow(malformed);
    }
  });
});

test.each([
  ["stop with times", decodeLinkPadding, `000100000001${"00".repeat(2037)}`],
  ["machine 0", decodeCircuitPadding, "0002000000000007"],
  ["the unused byte", decodeCircuitPadding, "0002010100000007"],
  ["machine 0 in an answer", decodeCircuitPadded, "0002010000000007"],
  ["response 0", decodeCircuitPadded, "0002000100000007"],
  ["response 3", decodeCircuitPadded, "0002030100000007"],
] as const)("%s is malformed", (_name, decode, hex) => {
  expect(() => decode(hexToBytes(hex))).toThrow(malformed);
});
