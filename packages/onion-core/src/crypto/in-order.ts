import { CELL_LENGTH } from "../cell/cell.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { MaybePromise } from "../ports/aead.ts";

/**
 * Releases results in the order in which they were pushed, whatever order they complete in: cells are numbered in
 * order, sealed or opened in parallel, and sent in order (SPEC §4.1). With a synchronous cipher nothing waits.
 */
export class InOrder<T> {
  readonly #deliver: (value: T) => void;
  readonly #fail: (thrown: unknown) => void;
  readonly #memory: QueueMemory | undefined;
  readonly #waiting: Place<T>[] = [];

  /**
   * @param deliver takes each value in turn.
   * @param fail is told of the first result that failed, or of what `deliver` threw; nothing is delivered afterwards
   * unless the owner goes on pushing.
   * @param memory of the relay, in which each result that waits counts as a cell.
   */
  constructor(deliver: (value: T) => void, fail: (thrown: unknown) => void, memory?: QueueMemory) {
    this.#memory = memory;
    this.#deliver = deliver;
    this.#fail = fail;
  }

  /** How many results are under way. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** Since when the first of them is, if they are counted. */
  get oldest(): QueuedSince {
    return this.#waiting[0]?.since ?? Infinity;
  }

  push(result: MaybePromise<T>): void {
    if (result instanceof Promise) this.#await(result);
    else if (this.#waiting.length === 0) this.#release(result);
    else this.#waiting.push({ done: true, value: result, since: this.#counted() });
  }

  /** Forgets what is under way. */
  clear(): void {
    this.#memory?.subtract(this.#waiting.length * CELL_LENGTH);
    this.#waiting.length = 0;
  }

  #await(result: Promise<T>): void {
    const place: Place<T> = { done: false, since: this.#counted() };
    this.#waiting.push(place);
    result.then(
      (value) => {
        Object.assign(place, { done: true, value });
        this.#releaseReady();
      },
      (thrown: unknown) => {
        if (this.#waiting.includes(place)) this.#failed(thrown);
      },
    );
  }

  #counted(): QueuedSince {
    return this.#memory?.add(CELL_LENGTH) ?? Infinity;
  }

  #releaseReady(): void {
    for (let head = this.#waiting[0]; head?.done === true; head = this.#waiting[0]) {
      this.#waiting.shift();
      this.#memory?.subtract(CELL_LENGTH);
      this.#release(head.value);
    }
  }

  #release(value: T): void {
    try {
      this.#deliver(value);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): void {
    this.clear();
    this.#fail(thrown);
  }
}

type Place<T> = { since: QueuedSince } & ({ done: false } | { done: true; value: T });
