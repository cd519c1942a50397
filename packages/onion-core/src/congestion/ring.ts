const START_CAPACITY = 8;

/** One that is larger is given back when it is empty: many circuits are idle at any time. */
const KEPT_CAPACITY = 256;

/** A queue, first in first out, in a ring that doubles when it is full: nothing is moved or allocated for each. Its owner bounds it. */
export class Ring<T extends object | number> {
  #ring: (T | undefined)[] = emptyRing(START_CAPACITY);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The oldest, or undefined of none. */
  get first(): T | undefined {
    return this.#ring[this.#first];
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#size) & (this.#ring.length - 1)] = item;
    this.#size += 1;
  }

  /** The oldest, or undefined of none; it is not kept. */
  shift(): T | undefined {
    const item = this.#ring[this.#first];
    if (item === undefined) return undefined;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#size -= 1;
    if (this.#size === 0 && this.#ring.length > KEPT_CAPACITY) this.clear();
    return item;
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
