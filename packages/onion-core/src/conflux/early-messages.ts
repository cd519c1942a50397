import { ownCopy } from "./kept-messages.ts";
import { CELL_LENGTH } from "../cell/cell.ts";
import type { StreamMessage } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";

/**
 * Messages that came on one leg before others that still travel on the other: they wait for their turn. Bounded (SPEC §11), for a
 * sender may leave a gap that it never fills; a relay counts each as a cell, so that who does so on many circuits is known by the age of what waits.
 */
export class EarlyMessages {
  readonly #bound: number;
  readonly #memory: QueueMemory | undefined;
  readonly #early = new Map<number, { readonly message: StreamMessage; readonly since: QueuedSince }>();

  /** @param bound in messages. */
  constructor(bound: number, memory: QueueMemory | undefined) {
    this.#bound = bound;
    this.#memory = memory;
  }

  get size(): number {
    return this.#early.size;
  }

  /** Since when the first that came waits, where a relay counts them. */
  get oldest(): QueuedSince {
    for (const { since } of this.#early.values()) return since;
    return Infinity;
  }

  /** Takes a copy; no number comes twice. @throws protocol for one too many: an honest sender waits before. */
  add(number: number, message: StreamMessage): void {
    if (this.#early.size >= this.#bound)
      throw new TaborError("protocol", "relay", "too many messages after one that is missing");
    const since = this.#memory?.add(CELL_LENGTH) ?? Infinity;
    this.#early.set(number, { message: ownCopy(message), since });
  }

  /** The message of this number, if it has come; it is not kept. */
  take(number: number): StreamMessage | undefined {
    const taken = this.#early.get(number);
    if (taken === undefined) return undefined;
    this.#early.delete(number);
    this.#memory?.subtract(CELL_LENGTH);
    return taken.message;
  }

  clear(): void {
    this.#memory?.subtract(this.#early.size * CELL_LENGTH);
    this.#early.clear();
  }
}
