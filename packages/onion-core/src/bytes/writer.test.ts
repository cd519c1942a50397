import { describe, expect, it } from "vitest";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

describe("Writer", () => {
  it("grows whatever the write that needs it", () => {
    const bytes = new Writer(1)
      .u8(1)
      .u16(2)
      .u32(3)
      .u64(4)
      .bytes(new Uint8Array(300).fill(5))
      .ascii("six".repeat(200))
      .finish();
    const reader = new Reader(bytes, "test");
    expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([1, 2, 3, 4]);
    expect(reader.bytes(300).every((byte) => byte === 5)).toBe(true);
    expect(reader.ascii(600)).toBe("six".repeat(200));
    reader.finish();
  });

  it("refuses numbers that do not fit their field", () => {
    for (const write of [
      () => new Writer().u8(256),
      () => new Writer().u16(-1),
      () => new Writer().u32(2 ** 32),
      () => new Writer().u64(2 ** 53),
      () => new Writer().u8(0.5),
    ]) {
      expect(write).toThrow(expect.objectContaining({ code: "usage" }));
    }
  });

  it("pads to a length, and refuses what is longer", () => {
    expect(new Writer().u8(7).padTo(3)).toEqual(Uint8Array.of(7, 0, 0));
    expect(() => new Writer().u32(7).padTo(3)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
