import { CELL_LENGTH, LINK_CIRCUIT, type CircuitId } from "../cell/cell.ts";
import { Ring } from "../congestion/ring.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import { EwmaHeap, type EwmaCircuit } from "./ewma-heap.ts";

/** SPEC §12.5. Both given by name, for tests. */
export interface EwmaParameters {
  /** In so many milliseconds a cell that was sent comes to count half. */
  readonly halfLife: number;
  /** A circuit is ahead of the busiest by at most so many cells: how long a newcomer may keep a bulk circuit waiting. */
  readonly lead: number;
}

export const EWMA_PARAMETERS: EwmaParameters = { halfLife: 30_000, lead: 128 };

/** Half-lives after which the counts are brought down again: 2^32 times the cells of a minute still fit a double exactly enough. */
const RESCALE_AFTER = 32;

/** Less than this has been forgotten, in cells. */
const FORGOTTEN = 0.01;

/**
 * The cells that wait for a link, a queue for each circuit; next is the circuit that has lately sent least, as in Tor's
 * circuitmux_ewma (SPEC §12.5). Who adds cells checks the bound by `length`.
 *
 * Instead of letting old counts shrink with time, which would touch all of them, new cells count more: 2^(time / half-life).
 */
export class EwmaQueue {
  readonly #parameters: EwmaParameters;
  readonly #memory: QueueMemory | undefined;
  readonly #circuits = new Map<CircuitId, Circuit>();
  /** Those with waiting cells. */
  readonly #waiting = new EwmaHeap<Circuit>();
  #size = 0;
  #epoch: number | undefined;
  /** Of a cell that is sent now. */
  #weight = 1;
  /** The highest count of a circuit whose turn it has been. */
  #reached = 0;

  /** @param memory of the relay, in which the cells are counted. */
  constructor(parameters: EwmaParameters = EWMA_PARAMETERS, memory?: QueueMemory) {
    this.#parameters = parameters;
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** How many circuits have waiting cells. */
  get circuits(): number {
    return this.#waiting.size;
  }

  /** How many circuits something is kept of. */
  get known(): number {
    return this.#circuits.size;
  }

  /** How many cells of all circuits wait. */
  get size(): number {
    return this.#size;
  }

  /** The circuit with the most waiting cells; of an empty queue, none: 0. Looks at all. */
  get longest(): CircuitId {
    let longest = LINK_CIRCUIT;
    for (const id of this.#circuits.keys()) if (this.length(id) > this.length(longest)) longest = id;
    return longest;
  }

  /** How many cells of a circuit wait. */
  length(id: CircuitId): number {
    return this.#circuits.get(id)?.cells.size ?? 0;
  }

  /** Since when the first of a circuit's cells waits, if they are counted. */
  oldest(id: CircuitId): QueuedSince {
    return this.#circuits.get(id)?.since.first ?? Infinity;
  }

  /** Since when the first of those cells waits that circuits have left behind which have ended. Looks at all. */
  get oldestOfEnded(): QueuedSince {
    let oldest = Infinity;
    for (const { ends, since } of this.#circuits.values())
      if (ends) oldest = Math.min(oldest, since.first ?? Infinity);
    return oldest;
  }

  /** @param cell as it will travel. */
  add(id: CircuitId, cell: Uint8Array): void {
    this.#put(this.#circuit(id), cell);
  }

  /** A circuit's last cell, for when it has ended: its other cells are forgotten, and with this one it is. */
  addLast(id: CircuitId, cell: Uint8Array): void {
    const circuit = this.#circuit(id);
    this.#forget(circuit);
    circuit.ends = true;
    this.#put(circuit, cell);
  }

  /**
   * Up to `count` cells, each of the circuit that has sent least.
   * @param nowMillis of a monotonic clock.
   */
  take(count: number, nowMillis: number): Uint8Array[] {
    this.#advance(nowMillis);
    const cells: Uint8Array[] = [];
    while (cells.length < count) {
      const circuit = this.#waiting.first;
      const cell = circuit?.cells.shift();
      if (circuit === undefined || cell === undefined) break;
      cells.push(cell);
      circuit.since.shift();
      this.#sent(circuit);
    }
    this.#memory?.subtract(cells.length * CELL_LENGTH);
    return cells;
  }

  /** Forgets a circuit: its cells, and how much it has sent. */
  drop(id: CircuitId): void {
    const circuit = this.#circuits.get(id);
    if (circuit === undefined) return;
    this.#forget(circuit);
    this.#waiting.remove(circuit);
    this.#circuits.delete(id);
  }

  /** Forgets all: the link has closed. */
  clear(): void {
    for (const id of [...this.#circuits.keys()]) this.drop(id);
  }

  #forget(circuit: Circuit): void {
    this.#size -= circuit.cells.size;
    this.#memory?.subtract(circuit.cells.size * CELL_LENGTH);
    circuit.cells.clear();
    circuit.since.clear();
  }

  #circuit(id: CircuitId): Circuit {
    let circuit = this.#circuits.get(id);
    if (circuit === undefined) {
      circuit = new Circuit(id);
      this.#circuits.set(id, circuit);
    }
    return circuit;
  }

  #put(circuit: Circuit, cell: Uint8Array): void {
    circuit.cells.push(cell);
    if (this.#memory !== undefined) circuit.since.push(this.#memory.add(CELL_LENGTH));
    this.#size += 1;
    if (circuit.position >= 0) return;
    circuit.count = Math.max(circuit.count, this.#reached - this.#parameters.lead * this.#weight);
    this.#waiting.add(circuit);
  }

  /** The first of the heap has sent one cell. */
  #sent(circuit: Circuit): void {
    this.#size -= 1;
    this.#reached = Math.max(this.#reached, circuit.count);
    circuit.count += this.#weight;
    if (circuit.cells.size > 0) {
      this.#waiting.sink(circuit);
      return;
    }
    this.#waiting.remove(circuit);
    if (circuit.ends) this.#circuits.delete(circuit.id);
  }

  #advance(now: number): void {
    this.#epoch ??= now;
    const halfLives = Math.max(0, now - this.#epoch) / this.#parameters.halfLife;
    if (halfLives > RESCALE_AFTER) this.#rescale(now, 2 ** halfLives);
    else this.#weight = 2 ** halfLives;
  }

  /** Counts as from now on: all shrink alike, which changes no order. What has been idle for so long is forgotten. */
  #rescale(now: number, by: number): void {
    this.#epoch = now;
    this.#weight = 1;
    this.#reached /= by;
    for (const [id, circuit] of this.#circuits) {
      circuit.count /= by;
      if (circuit.position < 0 && circuit.count < FORGOTTEN) this.#circuits.delete(id);
    }
  }
}

class Circuit implements EwmaCircuit {
  readonly id: CircuitId;
  readonly cells = new Ring<Uint8Array>();
  /** Of each cell, if they are counted. */
  readonly since = new Ring<QueuedSince>();
  count = 0;
  position = -1;
  /** Whether nothing comes after what waits. */
  ends = false;

  constructor(id: CircuitId) {
    this.id = id;
  }
}
