import { LINK_CIRCUIT, type CircuitId } from "../cell/cell.ts";

/**
 * The cells that wait for a link, a queue for each circuit, taken in turn: a bulk circuit cannot starve another
 * (SPEC §2.4). Who adds cells checks the bound by `length`.
 */
export class RoundRobin {
  /** Circuits with waiting cells; the first is next. A Map keeps the order of insertion. */
  readonly #queues = new Map<CircuitId, Queue>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** How many circuits have waiting cells. */
  get circuits(): number {
    return this.#queues.size;
  }

  /** How many cells of all circuits wait. */
  get size(): number {
    return this.#size;
  }

  /** The circuit with the most waiting cells; of an empty queue, none: 0. */
  get longest(): CircuitId {
    let longest = LINK_CIRCUIT;
    for (const id of this.#queues.keys()) if (this.length(id) > this.length(longest)) longest = id;
    return longest;
  }

  /** How many cells of a circuit wait. */
  length(id: CircuitId): number {
    const queue = this.#queues.get(id);
    return queue === undefined ? 0 : queue.cells.length - queue.taken;
  }

  /** @param cell as it will travel. */
  add(id: CircuitId, cell: Uint8Array): void {
    this.#size += 1;
    const queue = this.#queues.get(id);
    if (queue === undefined) this.#queues.set(id, { cells: [cell], taken: 0 });
    else queue.cells.push(cell);
  }

  /** Up to `count` cells, one of each circuit in turn. */
  take(count: number): Uint8Array[] {
    const cells: Uint8Array[] = [];
    while (cells.length < count) {
      const next = this.#queues.entries().next();
      if (next.done === true) break;
      const [id, queue] = next.value;
      this.#takeFrom(id, queue, cells);
    }
    return cells;
  }

  /** Forgets a circuit's cells. */
  drop(id: CircuitId): void {
    this.#size -= this.length(id);
    this.#queues.delete(id);
  }

  /** Takes a queue's first cell and moves the queue to the end of the turn. */
  #takeFrom(id: CircuitId, queue: Queue, cells: Uint8Array[]): void {
    const cell = queue.cells[queue.taken];
    if (cell !== undefined) cells.push(cell);
    queue.taken += 1;
    this.#size -= 1;
    if (queue.taken >= queue.cells.length) {
      this.#queues.delete(id);
      return;
    }
    if (queue.taken >= COMPACT_AFTER) compact(queue);
    if (this.#queues.size === 1) return;
    this.#queues.delete(id);
    this.#queues.set(id, queue);
  }
}

/** `taken` cells at the front have been sent; removing them one by one would move all the others each time. */
interface Queue {
  cells: Uint8Array[];
  taken: number;
}

const COMPACT_AFTER = 64;

function compact(queue: Queue): void {
  queue.cells = queue.cells.slice(queue.taken);
  queue.taken = 0;
}
