import fc from "fast-check";
import { expect, test } from "vitest";
import { viewportIn } from "./viewport.ts";

test.each([
  [1280, 712, 1200, 700],
  [1920, 970, 1800, 900],
  [390, 660, 350, 600],
  [412, 500, 400, 500],
  [2560, 1700, 2400, 1600],
  [640, 90, 600, 50],
])("in %i × %i a page gets %i × %i", (width, height, ...size) => {
  const viewport = viewportIn({ width, height });
  expect([viewport.width, viewport.height]).toEqual(size);
});

test("there is always room for it, and few sizes are different", () => {
  const lengths = fc.integer({ min: 50, max: 4000 });
  fc.assert(
    fc.property(lengths, lengths, (width, height) => {
      const viewport = viewportIn({ width, height });
      expect(viewport.width).toBeLessThanOrEqual(width);
      expect(viewport.height).toBeLessThanOrEqual(height);
      expect(viewport).toEqual(viewportIn(viewport));
    }),
  );
  const widths = new Set(Array.from({ length: 1600 }, (_, width) => viewportIn({ width, height: 1 }).width));
  expect(widths.size).toBeLessThan(20);
});
