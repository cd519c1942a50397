/** Randomness, handed in: the platform's generator in `main.ts`, a seeded one in tests. */
export interface Random {
  /** Fills `target` and returns it. */
  fill<T extends Uint8Array>(target: T): T;
}

/** `length` random bytes. */
export function randomBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  return random.fill(new Uint8Array(length));
}

/** An unbiased integer in [0, bound), 1 ≤ bound ≤ 2^32, by rejection. */
export function randomBelow(random: Random, bound: number): number {
  const limit = Math.floor(0x1_0000_0000 / bound) * bound;
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  for (;;) {
    random.fill(bytes);
    const value = view.getUint32(0);
    if (value < limit) return value % bound;
  }
}

/** A double in [0, 1) with 32 random bits. */
export function randomFraction(random: Random): number {
  return randomBelow(random, 0x1_0000_0000) / 0x1_0000_0000;
}
