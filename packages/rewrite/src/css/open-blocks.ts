/** What a bracket or function that is open makes of what stands in it. */
export type Block = "(" | "[" | "{" | "url" | "url-strings";

/** The brackets that are open, as CSS Syntax §5.4.8 pairs them: a closing one that does not fit is a token like any other. */
export class OpenBlocks {
  readonly #open: Block[] = [];
  #urlStrings = 0;

  get depth(): number {
    return this.#open.length;
  }

  get innermost(): Block | undefined {
    return this.#open.at(-1);
  }

  /** Whether any of them, not only the innermost, takes strings for addresses. */
  get inUrlStrings(): boolean {
    return this.#urlStrings > 0;
  }

  open(block: Block): void {
    this.#open.push(block);
    if (block === "url-strings") this.#urlStrings++;
  }

  /** @returns whether it closed something. */
  close(closer: string): boolean {
    const innermost = this.innermost;
    if (innermost === undefined || closerOf(innermost) !== closer) return false;
    this.#open.pop();
    if (innermost === "url-strings") this.#urlStrings--;
    return true;
  }
}

function closerOf(block: Block): string {
  switch (block) {
    case "[":
      return "]";
    case "{":
      return "}";
    case "(":
    case "url":
    case "url-strings":
      return ")";
  }
}
