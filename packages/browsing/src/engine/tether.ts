/** A signal that is aborted with the first of `masters`, until it is released from them. */
export class Tether {
  readonly #masters: readonly AbortSignal[];
  readonly #own = new AbortController();

  constructor(masters: readonly AbortSignal[]) {
    this.#masters = masters;
    for (const master of masters) {
      if (master.aborted) this.#own.abort(master.reason);
      master.addEventListener("abort", this.#follow);
    }
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  /** What was begun goes on whatever becomes of the masters. */
  release(): void {
    for (const master of this.#masters) master.removeEventListener("abort", this.#follow);
  }

  readonly #follow = (event: Event): void => {
    this.#own.abort((event.target as AbortSignal).reason);
  };
}
