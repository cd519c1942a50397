import type { Cancel } from "../ports/clock.ts";

/** Tells listeners of values, in the order in which they subscribed. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  subscribe(listener: (value: T) => void): Cancel {
    // A wrapper, so that one function may subscribe twice and each subscription ends on its own.
    const own = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
