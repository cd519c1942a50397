/** Header fields in the order received; names in lower case, values as Latin-1 without surrounding white space. */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  readonly #lines: readonly (readonly [string, string])[];

  constructor(lines: readonly (readonly [string, string])[]) {
    this.#lines = lines;
  }

  /** All values of `name` (in lower case), in order. */
  all(name: string): readonly string[] {
    return this.#lines.filter(([key]) => key === name).map(([, value]) => value);
  }

  /** The first value of `name`. */
  first(name: string): string | undefined {
    return this.all(name)[0];
  }

  /** The members of all values of `name` as one comma-separated list without quoted strings, in lower case. */
  list(name: string): readonly string[] {
    return this.all(name)
      .flatMap((value) => value.split(","))
      .map((member) => member.trim().toLowerCase())
      .filter((member) => member !== "");
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#lines[Symbol.iterator]();
  }
}
