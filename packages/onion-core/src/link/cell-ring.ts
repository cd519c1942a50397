const START_CAPACITY = 8;

/** A ring that is larger is given back when it is empty: many circuits are idle at any time. */
const KEPT_CAPACITY = 256;

/** One circuit's waiting cells, first in first out, in a ring that doubles when it is full. */
export class CellRing {
  #ring: (Uint8Array | undefined)[] = emptyRing(START_CAPACITY);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(cell: Uint8Array): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#size) & (this.#ring.length - 1)] = cell;
    this.#size += 1;
  }

  /** The oldest, or undefined of none. Who took it may use its memory again. */
  shift(): Uint8Array | undefined {
    const cell = this.#ring[this.#first];
    if (cell === undefined) return undefined;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#size -= 1;
    if (this.#size === 0 && this.#ring.length > KEPT_CAPACITY) this.clear();
    return cell;
  }

  clear(): void {
    this.#ring = emptyRing(START_CAPACITY);
    this.#first = 0;
    this.#size = 0;
  }

  #grow(): void {
    const { length } = this.#ring;
    this.#ring = [
      ...this.#ring.slice(this.#first),
      ...this.#ring.slice(0, this.#first),
      ...emptyRing(length),
    ];
    this.#first = 0;
  }
}

/** @param capacity a power of two. */
function emptyRing(capacity: number): undefined[] {
  return Array.from({ length: capacity }, () => undefined);
}
