/**
 * Whether a circuit's cells pile up before its first link: from above the high mark until down to the low one, so that a
 * queue that is filled and emptied in batches does not flicker.
 */
export class BlockedSignal {
  readonly #high: number;
  readonly #low: number;
  #blocked = false;

  /** @param marks in cells. */
  constructor(marks: { readonly high: number; readonly low: number }) {
    this.#high = marks.high;
    this.#low = marks.low;
  }

  /** @param queued cells of the circuit that wait for the link now. */
  update(queued: number): boolean {
    this.#blocked = queued > (this.#blocked ? this.#low : this.#high);
    return this.#blocked;
  }
}
