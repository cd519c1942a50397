/** Does one thing after the other, each not before it is due. */
export class DelayLine {
  readonly #waiting: { readonly due: number; readonly action: () => unknown }[] = [];

  /** How many things wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** @param due as `performance.now()` counts; not before what was added last. */
  add(due: number, action: () => unknown): void {
    this.#waiting.push({ due, action });
    if (this.#waiting.length === 1) this.#wait();
  }

  #wait(): void {
    const [next] = this.#waiting;
    if (next !== undefined) setTimeout(() => this.#act(), next.due - performance.now());
  }

  /** Timers are good to a millisecond: what is due within one goes along. */
  #act(): void {
    const now = performance.now() + 0.5;
    while ((this.#waiting[0]?.due ?? Infinity) <= now) this.#waiting.shift()?.action();
    this.#wait();
  }
}
