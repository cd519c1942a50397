/** What the heap orders. */
export interface EwmaCircuit {
  /** Cells that it has sent, late ones weighing more. */
  count: number;
  /** Where it stands in the heap; −1: nowhere. The heap's own. */
  position: number;
}

/** A binary heap: the circuit with the lowest count comes first. All in O(log n), and nothing is allocated. */
export class EwmaHeap<T extends EwmaCircuit> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** @param item that is in no heap. */
  add(item: T): void {
    item.position = this.#items.length;
    this.#items.push(item);
    this.#rise(item);
  }

  /** Does nothing if it is not there. */
  remove(item: T): void {
    const { position } = item;
    if (position < 0) return;
    const last = this.#items.pop();
    item.position = -1;
    if (last === undefined || last === item) return;
    this.#place(last, position);
    this.#rise(last);
    this.sink(last);
  }

  /** The count of one that is there has grown. */
  sink(item: T): void {
    let { position } = item;
    for (;;) {
      const child = this.#lowerChild(position);
      if (child === undefined || child.count >= item.count) break;
      const below = child.position;
      this.#place(child, position);
      position = below;
    }
    this.#place(item, position);
  }

  #rise(item: T): void {
    let { position } = item;
    while (position > 0) {
      const above = (position - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || parent.count <= item.count) break;
      this.#place(parent, position);
      position = above;
    }
    this.#place(item, position);
  }

  #lowerChild(position: number): T | undefined {
    const left = this.#items[2 * position + 1];
    const right = this.#items[2 * position + 2];
    return left !== undefined && right !== undefined && right.count < left.count ? right : left;
  }

  #place(item: T, position: number): void {
    this.#items[position] = item;
    item.position = position;
  }
}
