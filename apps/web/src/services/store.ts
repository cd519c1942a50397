import type { Cancel } from "@tabor/onion-core";

/** A value that changes, for whoever shows it. */
export interface Readable<T> {
  readonly value: T;
  /** Calls `listener` after each change. */
  subscribe(listener: () => void): Cancel;
}

export class Store<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): Cancel {
    const own = (): void => {
      listener();
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }
}
