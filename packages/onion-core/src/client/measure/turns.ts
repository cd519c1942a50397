import type { Cancel, Clock } from "../../ports/clock.ts";

export interface TurnsInit<K> {
  /** How many act at a time. */
  readonly most: number;
  /** Never throws. @returns after how many milliseconds it is this one's turn again. */
  readonly act: (key: K) => Promise<number>;
  readonly clock: Clock;
}

/** Acts for each of its keys again and again: when it is due, and of those that are, first for who has waited longest. */
export class Turns<K> {
  readonly #init: TurnsInit<K>;
  /** When, in monotonic milliseconds. */
  readonly #due = new Map<K, number>();
  readonly #acting = new Set<K>();
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  constructor(init: TurnsInit<K>) {
    this.#init = init;
  }

  /** These from now on; who is new is due at once. */
  keep(keys: ReadonlySet<K>): void {
    for (const key of this.#due.keys()) if (!keys.has(key)) this.#due.delete(key);
    for (const key of keys) if (!this.#due.has(key)) this.#due.set(key, this.#init.clock.monotonic());
    this.#next();
  }

  /** It is due now, if it is kept. */
  hurry(key: K): void {
    const now = this.#init.clock.monotonic();
    if ((this.#due.get(key) ?? 0) > now) this.#due.set(key, now);
    this.#next();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #next(): void {
    this.#cancel();
    if (this.#isClosed || this.#acting.size >= this.#init.most) return;
    const waiting = [...this.#due].filter(([key]) => !this.#acting.has(key));
    const [first, due] = waiting.reduce<readonly [K?, number?]>(
      (best, one) => (one[1] < (best[1] ?? Infinity) ? one : best),
      [],
    );
    if (first === undefined || due === undefined) return;
    const wait = due - this.#init.clock.monotonic();
    if (wait > 0) {
      this.#cancel = this.#init.clock.after(wait, () => {
        this.#next();
      });
    } else void this.#act(first);
  }

  async #act(key: K): Promise<void> {
    const { act, clock } = this.#init;
    this.#acting.add(key);
    const done = act(key);
    this.#next();
    const again = await done;
    this.#acting.delete(key);
    if (this.#due.has(key)) this.#due.set(key, clock.monotonic() + again);
    this.#next();
  }
}
