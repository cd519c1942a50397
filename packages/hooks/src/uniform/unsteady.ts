/** Changes the last bit of some colours of pixels: by a seed and where they are, so that the same picture reads the same within a document. */
export class Unsteady {
  readonly #seed: number;

  /** @param seed 32 bits. */
  constructor(seed: number) {
    this.#seed = seed >>> 0;
  }

  /** RGBA, in place. What is transparent, and what is wholly black or white, stays: empty parts would show the pattern. */
  pixels(data: Uint8Array | Uint8ClampedArray): void {
    for (let at = 0; at + 3 < data.length; at += 4) {
      if (data[at + 3] === 0) continue;
      const bits = hash(
        this.#seed ^
          at ^
          Math.imul((data[at] ?? 0) + 256 * (data[at + 1] ?? 0) + 65_536 * (data[at + 2] ?? 0), 0x9e3779b1),
      );
      for (let colour = 0; colour < 3; colour++) {
        const value = data[at + colour] ?? 0;
        if (value > 0 && value < 255 && ((bits >>> colour) & 1) === 1) data[at + colour] = value ^ 1;
      }
    }
  }
}

/** The finalizer of MurmurHash3, 32 bits. */
function hash(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
