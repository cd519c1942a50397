import { describe, expect, it } from "vitest";
import { CIRCUIT_WINDOW, DeliverWindow, ExpectedTags, PackageWindow, STREAM_WINDOW } from "./windows.ts";
import { content } from "../scenarios/support.ts";

for (const [name, size] of [
  ["circuit", CIRCUIT_WINDOW],
  ["stream", STREAM_WINDOW],
] as const) {
  describe(`the package window of a ${name}`, () => {
    it("is used up after its start, and opens again by its increment", () => {
      const window = new PackageWindow(size);
      for (let i = 0; i < size.start; i++) window.take();
      expect(window.room).toBe(0);
      expect(() => {
        window.take();
      }).toThrow("empty");
      window.acknowledge();
      expect(window.room).toBe(size.increment);
    });

    it("takes no acknowledgement before a whole increment was sent", () => {
      const window = new PackageWindow(size);
      for (let i = 0; i < size.increment - 1; i++) window.take();
      const acknowledge = (): void => {
        window.acknowledge();
      };
      expect(acknowledge).toThrow("not due");
      window.take();
      acknowledge();
      expect(acknowledge).toThrow("not due");
    });
  });

  describe(`the deliver window of a ${name}`, () => {
    it("refuses one cell beyond its start", () => {
      const window = new DeliverWindow(size);
      for (let i = 0; i < size.start; i++) window.take();
      expect(() => {
        window.take();
      }).toThrow("beyond the window");
    });

    it("owes an acknowledgement for each increment used, however they come", () => {
      const window = new DeliverWindow(size);
      for (let i = 0; i < size.start; i++) window.take();
      expect(window.use(size.increment - 1)).toBe(0);
      expect(window.use(1)).toBe(1);
      expect(window.use(2 * size.increment + 1)).toBe(2);
      expect(window.use(size.increment - 1)).toBe(1);
      for (let i = 0; i < 4 * size.increment; i++) window.take();
      expect(() => {
        window.take();
      }).toThrow("beyond the window");
    });
  });
}

describe("expected tags", () => {
  it("are of every cell that a SENDME will acknowledge, and count once, in order", () => {
    const tags = new ExpectedTags();
    const acknowledged = Array.from({ length: 768 }, () => tags.count());
    expect(acknowledged.flatMap((yes, i) => (yes ? [i + 1] : []))).toEqual([256, 512, 768]);
    tags.expect(content(1, 16));
    tags.expect(content(2, 16));
    tags.check(content(1, 16));
    tags.check(content(2, 16));
    expect(() => {
      tags.check(content(2, 16));
    }).toThrow("wrong tag");
  });

  for (const [name, tag] of [
    ["another's", content(2, 16)],
    ["a short one", content(1, 16).subarray(1)],
    ["an empty one", new Uint8Array(0)],
  ] as const)
    it(`are not ${name}`, () => {
      const tags = new ExpectedTags();
      tags.expect(content(1, 16));
      expect(() => {
        tags.check(tag);
      }).toThrow("wrong tag");
    });
});
