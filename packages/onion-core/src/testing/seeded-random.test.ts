import { expect, test } from "vitest";
import { pickSeeds, SeededRandom, withSeed } from "./seeded-random.ts";
import { randomBelow, randomBytes } from "../ports/random.ts";

test("equal seeds give equal bytes, other seeds others", () => {
  const draw = (seed: number) => randomBytes(new SeededRandom(seed), 100);
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(0)).not.toEqual(new Uint8Array(100));
});

test("fills the view it is given, and nothing around it", () => {
  const buffer = new Uint8Array(32);
  new SeededRandom(1).fill(buffer.subarray(5, 27));
  expect(buffer.subarray(0, 5)).toEqual(new Uint8Array(5));
  expect(buffer.subarray(27)).toEqual(new Uint8Array(5));
  expect(buffer.subarray(5, 27).some((byte) => byte !== 0)).toBe(true);
});

test.each(
  pickSeeds(3, Math.random).map(
    (seed) => [withSeed("every value is about equally frequent", seed), seed] as const,
  ),
)("%s", (_name, seed) => {
  const counts = new Uint32Array(16);
  const random = new SeededRandom(seed);
  for (let i = 0; i < 16_000; i++) {
    const value = randomBelow(random, 16);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  // 1000 ± 6.5 standard deviations: about once in ten billion runs by chance.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
});

test("a fork does not repeat its origin, and does not depend on what is drawn later", () => {
  const one = new SeededRandom(5);
  const fork = one.fork();
  randomBytes(one, 1000);
  const other = new SeededRandom(5);
  expect(randomBytes(fork, 50)).toEqual(randomBytes(other.fork(), 50));
  expect(randomBytes(new SeededRandom(5).fork(), 50)).not.toEqual(randomBytes(new SeededRandom(5), 50));
});

test("the seed that a test's name shows can be used again", () => {
  expect(withSeed("scenario", 0x1f)).toBe("scenario [seed 0x0000001f]");
  expect(pickSeeds(3, Math.random, [0x1f])).toEqual([0x1f]);
  expect(new Set(pickSeeds(20, Math.random)).size).toBeGreaterThan(15);
});
