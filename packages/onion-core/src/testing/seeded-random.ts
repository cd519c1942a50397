import type { Random } from "../ports/random.ts";

/**
 * Reproducible randomness: xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators"), its state
 * filled by splitmix32. Good enough to explore with, useless for secrets.
 */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;

  /** @param seed 0…2^32−1. */
  constructor(readonly seed: number) {
    const next = splitmix32(seed);
    this.#state = Uint32Array.from({ length: 4 }, next);
  }

  fill<T extends Uint8Array>(target: T): T {
    for (let i = 0; i < target.length; i += 4) {
      const word = this.#next();
      for (let j = i; j < Math.min(i + 4, target.length); j++) target[j] = word >>> (8 * (j - i));
    }
    return target;
  }

  /** A generator of its own for one part of a scenario, so that what one part draws does not change another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.#next());
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const e = c ^ a;
    const f = d ^ b;
    this.#state.set([a ^ f, b ^ e, e ^ (b << 9), rotateLeft(f, 11)]);
    return result;
  }
}

/**
 * Seeds to run a scenario with.
 * @param draw where fresh ones come from: doubles in [0, 1), in a test `Math.random`.
 * @param again runs these instead: the seed that a failed test's name shows.
 */
export function pickSeeds(
  count: number,
  draw: () => number,
  again: readonly number[] = [],
): readonly number[] {
  return again.length > 0 ? again : Array.from({ length: count }, () => Math.floor(draw() * 0x1_0000_0000));
}

/** A test's name with what reproduces it. */
export function withSeed(name: string, seed: number): string {
  return `${name} [seed 0x${seed.toString(16).padStart(8, "0")}]`;
}

function splitmix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

function rotateLeft(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}
