import fc from "fast-check";
import { expect, it } from "vitest";
import { Unsteady } from "./unsteady.ts";

const picture = (): Uint8ClampedArray =>
  Uint8ClampedArray.from({ length: 4096 }, (_, at) => (at % 4 === 3 ? 255 : (at * 37) % 256));
const read = (seed: number, data = picture()): Uint8ClampedArray => {
  new Unsteady(seed).pixels(data);
  return data;
};

it("reads the same in one document, otherwise in another", () => {
  expect(read(1)).toEqual(read(1));
  expect(read(1)).not.toEqual(read(2));
  expect(read(1)).not.toEqual(picture());
});

it("changes no colour by more than one, and neither alpha, nor black, white or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(), (data, seed) => {
      const after = data.slice();
      new Unsteady(seed).pixels(after);
      for (const [at, value] of after.entries()) {
        const before = data[at] ?? 0;
        expect(Math.abs(value - before)).toBeLessThanOrEqual(1);
        if (at % 4 === 3 || before === 0 || before === 255 || data[at - (at % 4) + 3] === 0)
          expect(value).toBe(before);
      }
    }),
  );
});
