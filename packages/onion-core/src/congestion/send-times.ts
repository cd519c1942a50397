const START_CAPACITY = 16;

/** Times in the order they were put in, in a ring that doubles when it is full: nothing is allocated for each. */
export class SendTimes {
  #ring = new Float64Array(START_CAPACITY);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(time: number): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#size) % this.#ring.length] = time;
    this.#size += 1;
  }

  /** The oldest, or undefined of none. */
  shift(): number | undefined {
    if (this.#size === 0) return undefined;
    const time = this.#ring[this.#first];
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#size -= 1;
    return time;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#ring.length);
    larger.set(this.#ring.subarray(this.#first));
    larger.set(this.#ring.subarray(0, this.#first), this.#ring.length - this.#first);
    this.#ring = larger;
    this.#first = 0;
  }
}
