/** The entries that were set or asked for last, at most so many: whatever comes from pages must not fill our memory. */
export class Recent<K, V> {
  /** Oldest use first. */
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#use(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#use(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  newest(): V | undefined {
    return [...this.#entries.values()].at(-1);
  }

  values(): Iterable<V> {
    return this.#entries.values();
  }

  #use(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
