import { CELL_LENGTH } from "../cell/cell.ts";
import type { StreamMessage } from "../cell/relay-message.ts";
import { Ring } from "../congestion/ring.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";

/** A message and its number in the set, 1, 2, … */
interface Kept {
  readonly number: number;
  /** Undefined: forgotten. */
  readonly message: StreamMessage | undefined;
  readonly since: QueuedSince;
}

/**
 * Messages in the order of their numbers: sent on a leg, and perhaps not arrived; or to be sent again. A relay counts each as a cell.
 * Their owner bounds them.
 */
export class KeptMessages {
  readonly #memory: QueueMemory | undefined;
  readonly #kept = new Ring<Kept>();

  constructor(memory: QueueMemory | undefined) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#kept.size;
  }

  get first(): Kept | undefined {
    return this.#kept.first;
  }

  /** Since when the first of them is held, where a relay counts them. */
  get oldest(): QueuedSince {
    return this.#kept.first?.since ?? Infinity;
  }

  /** Takes a copy. */
  push(number: number, message: StreamMessage): void {
    const since = this.#memory?.add(CELL_LENGTH) ?? Infinity;
    this.#kept.push({ number, message: ownCopy(message), since });
  }

  shift(): Kept | undefined {
    const first = this.#kept.shift();
    if (first?.message !== undefined) this.#memory?.subtract(CELL_LENGTH);
    return first;
  }

  /** Remembers the numbers and no more: if they are asked for again, there is nothing to send. */
  forget(): void {
    for (let left = this.#kept.size; left > 0; left--) {
      const { number = 0 } = this.shift() ?? {};
      this.#kept.push({ number, message: undefined, since: Infinity });
    }
  }

  clear(): void {
    while (this.shift() !== undefined);
  }
}

/** DATA lies in a layer's buffer when it was received, in a writer's when it is sent; all else is its own. */
export function ownCopy(message: StreamMessage): StreamMessage {
  return message.command === "DATA" ? { ...message, data: message.data.slice() } : message;
}
