import type { Page } from "./page.ts";

interface Entry {
  readonly url: URL;
  /** What was shown, while it is remembered; it need not be asked for again then. */
  readonly page: Page | undefined;
}

const MAX_ENTRIES = 100;
/** Pages are big: those further away are asked for again. */
const MAX_KEPT_PAGES = 8;

/** Where the person has been, in memory only. */
export class History {
  #entries: Entry[] = [];
  #index = -1;

  get current(): Entry | undefined {
    return this.#entries[this.#index];
  }

  get canGoBack(): boolean {
    return this.#index > 0;
  }

  get canGoForward(): boolean {
    return this.#index < this.#entries.length - 1;
  }

  /** A new address; what lay ahead is forgotten. The address shown already is not added again. */
  add(url: URL): void {
    if (this.current?.url.href === url.href) return;
    this.#entries = [...this.#entries.slice(0, this.#index + 1), { url, page: undefined }].slice(
      -MAX_ENTRIES,
    );
    this.#index = this.#entries.length - 1;
  }

  /** The current address led to `page`, at `url` after redirects. Only whole documents are kept. */
  arrive(url: URL, page: Page): void {
    if (this.current === undefined) return;
    this.#entries[this.#index] = { url, page: page.kind === "document" ? page : undefined };
    this.#forgetDistant();
  }

  back(): Entry | undefined {
    return this.canGoBack ? this.#entries[--this.#index] : undefined;
  }

  forward(): Entry | undefined {
    return this.canGoForward ? this.#entries[++this.#index] : undefined;
  }

  #forgetDistant(): void {
    this.#entries = this.#entries.map((entry, index) =>
      Math.abs(index - this.#index) < MAX_KEPT_PAGES ? entry : { url: entry.url, page: undefined },
    );
  }
}
