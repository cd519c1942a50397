import { concat, TaborError } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader, OPCODE, type Frame } from "./frames.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const LIMIT = 1 << 20;

function read(...pieces: Uint8Array[]): Frame[] {
  const reader = new FrameReader(LIMIT);
  const frames: Frame[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  }
  return frames;
}

/** As a server would send it: without a mask. */
function unmasked(frame: Uint8Array): Uint8Array {
  const size = ((frame[1] ?? 0) & 0x7f) === 127 ? 10 : ((frame[1] ?? 0) & 0x7f) === 126 ? 4 : 2;
  const key = frame.subarray(size, size + 4);
  const head = frame.slice(0, size);
  head[1] = (head[1] ?? 0) & 0x7f;
  return concat(
    head,
    frame.slice(size + 4).map((byte, index) => byte ^ (key[index & 3] ?? 0)),
  );
}

describe("frames", () => {
  // RFC 6455 §5.7
  it.each<[string, string, Frame[]]>([
    [
      "a text",
      "81 05 48 65 6c 6c 6f",
      [{ isLast: true, opcode: OPCODE.text, payload: Buffer.from("Hello") }],
    ],
    [
      "a text in two",
      "01 03 48 65 6c 80 02 6c 6f",
      [
        { isLast: false, opcode: OPCODE.text, payload: Buffer.from("Hel") },
        { isLast: true, opcode: OPCODE.continuation, payload: Buffer.from("lo") },
      ],
    ],
    [
      "a ping",
      "89 05 48 65 6c 6c 6f",
      [{ isLast: true, opcode: OPCODE.ping, payload: Buffer.from("Hello") }],
    ],
  ])("of a server are read: %s", (_what, hex, frames) => {
    expect(read(bytes(hex)).map((frame) => ({ ...frame, payload: Buffer.from(frame.payload) }))).toEqual(
      frames,
    );
  });

  it("come back as they went, however they are cut", () => {
    const any = fc.record({
      isLast: fc.boolean(),
      opcode: fc.constantFrom(OPCODE.text, OPCODE.binary, OPCODE.continuation),
      length: fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 70_000 }), ({ isLast, opcode, length }, cut) => {
        const payload = new Uint8Array(length).map((_byte, index) => index * 7);
        const sent = unmasked(encodeFrame({ isLast, opcode, payload }, new SeededRandom(length)));
        const [frame, ...more] = read(sent.subarray(0, cut), sent.subarray(cut));
        expect(more).toEqual([]);
        expect(frame).toMatchObject({ isLast, opcode });
        expect(Buffer.from(frame?.payload ?? []).equals(Buffer.from(payload))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("of ours are masked, with a key of their own each", () => {
    const random = new SeededRandom(1);
    const frame = { isLast: true, opcode: OPCODE.text, payload: Buffer.from("Hello") };
    const [one, two] = [encodeFrame(frame, random), encodeFrame(frame, random)];
    expect((one[1] ?? 0) & 0x80).toBe(0x80);
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(false);
    expect(Buffer.from(one).includes("Hello")).toBe(false);
  });

  it.each<[string, string]>([
    ["a mask", "81 85 37 fa 21 3d 7f 9f 4d 51 58"],
    ["an extension nobody asked for", "c1 05 48 65 6c 6c 6f"],
    ["an unknown kind", "83 00"],
    ["an unknown control", "8b 00"],
    ["a control in pieces", "09 00"],
    ["a long control", "89 7e 00 7e"],
    ["a length in too many bytes", "82 7e 00 05"],
    ["a length in far too many bytes", "82 7f 00 00 00 00 00 00 00 05"],
    ["no end", "82 7f 00 00 00 00 7f ff ff ff"],
    ["a length beyond numbers", "82 7f ff ff ff ff ff ff ff ff"],
  ])("are refused that have %s", (_what, hex) => {
    expect(() => read(bytes(hex))).toThrow(TaborError);
  });
});
