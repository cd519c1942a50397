import { TaborError, toTaborError } from "@tabor/onion-core";
import type { Network } from "../services/network.ts";
import { Store, type Readable } from "../services/store.ts";
import { readAddress, type TypedAddress } from "./address.ts";
import { explain } from "./explain.ts";
import { History } from "./history.ts";
import { loadPage, type Loaded, type LoadDeps, type Offered } from "./load-page.ts";
import type { Page } from "./page.ts";
import type { LoadProgress } from "./progress.ts";
import { saveBody, type SaveFile } from "./save-body.ts";

export interface BrowserState {
  readonly page: Page;
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
  /** Something the person should know about how the page came. */
  readonly notice: string | undefined;
}

export interface BrowserDeps extends Omit<LoadDeps, "network" | "isolationOf"> {
  readonly network: Network;
  readonly saveFile: SaveFile;
}

export const RECOVERED =
  "A relay on the way went away. Tabor fetched everything again over a new circuit, from the start.";

/** What is held of the one page area: its page, its history, and what it is waiting for. Everything is in memory. */
export class Browser {
  readonly #deps: BrowserDeps;
  readonly #state = new Store<BrowserState>({
    page: { kind: "blank" },
    canGoBack: false,
    canGoForward: false,
    notice: undefined,
  });
  #history = new History();
  /** The work under way, or the open connection of an offer; aborted by whatever comes next. */
  #current = new AbortController();
  #offer: Offered | undefined;

  constructor(deps: BrowserDeps) {
    this.#deps = deps;
  }

  get state(): Readable<BrowserState> {
    return this.#state;
  }

  /** Opens what the person typed, if that is an address. */
  go(typed: string): TypedAddress {
    const address = readAddress(typed);
    if (address.kind === "url") this.open(address.url);
    return address;
  }

  open(url: URL): void {
    this.#history.add(url);
    void this.#load(url);
  }

  back(): void {
    this.#revisit(this.#history.back());
  }

  forward(): void {
    this.#revisit(this.#history.forward());
  }

  reload(): void {
    const { current } = this.#history;
    if (current !== undefined) void this.#load(current.url);
  }

  stop(): void {
    this.#current.abort();
  }

  /** Saves what is offered now. */
  save(): void {
    if (this.#offer !== undefined) void this.#save(this.#offer);
  }

  /** The page's site gets another circuit, and is asked for the page again. */
  newCircuit(): void {
    const { current } = this.#history;
    if (current === undefined) return;
    this.#deps.network.newCircuitFor(isolationOf(current.url));
    this.reload();
  }

  /** Forgets every page, and shares no circuit with what came before. */
  newIdentity(): void {
    this.#begin();
    this.#history = new History();
    this.#deps.network.newIdentity();
    this.#show({ kind: "blank" }, "You have a new identity: pages and circuits from before are forgotten.");
  }

  dismissNotice(): void {
    this.#state.value = { ...this.#state.value, notice: undefined };
  }

  #revisit(entry: { readonly url: URL; readonly page: Page | undefined } | undefined): void {
    if (entry === undefined) return;
    if (entry.page === undefined) {
      void this.#load(entry.url);
    } else {
      this.#begin();
      this.#show(entry.page);
    }
  }

  /** Ends what was going on. @returns the signal of what begins now. */
  #begin(): AbortSignal {
    this.#current.abort();
    this.#offer?.close();
    this.#offer = undefined;
    this.#current = new AbortController();
    return this.#current.signal;
  }

  async #load(url: URL): Promise<void> {
    const signal = this.#begin();
    let notice: string | undefined;
    const onProgress = (progress: LoadProgress): void => {
      if (!signal.aborted) this.#show({ kind: "loading", url, progress }, notice);
    };
    const onRecovery = (): void => {
      notice = RECOVERED;
    };
    try {
      const loaded = await loadPage({ url, signal, onProgress, onRecovery }, { ...this.#deps, isolationOf });
      this.#arrive(loaded, signal, notice);
    } catch (thrown) {
      this.#fail(url, thrown, signal);
    }
  }

  #arrive(loaded: Loaded, signal: AbortSignal, notice: string | undefined): void {
    const { page } = loaded;
    if (this.#current.signal !== signal) {
      if ("close" in loaded) loaded.close();
      return;
    }
    if ("body" in loaded) this.#offer = loaded;
    if (page.kind !== "blank" && page.kind !== "loading") this.#history.arrive(page.url, page);
    this.#show(page, notice);
  }

  #fail(url: URL, thrown: unknown, signal: AbortSignal): void {
    if (this.#current.signal !== signal) return;
    const { page } = this.#state.value;
    const circuit = "progress" in page ? page.progress.circuit : undefined;
    const error = signal.aborted
      ? new TaborError("aborted", "here", "stopped by you")
      : toTaborError(thrown, "here", "loading a page");
    this.#show({ kind: "failed", url, explanation: explain(error), circuit });
  }

  async #save(offer: Offered): Promise<void> {
    const { signal } = this.#current;
    const { url, fileName } = offer.page;
    this.#offer = undefined;
    let notice = this.#state.value.notice;
    const onProgress = (progress: LoadProgress): void => {
      if (!signal.aborted) this.#show({ kind: "saving", url, fileName, progress }, notice);
    };
    const onRecovery = (): void => {
      notice = RECOVERED;
    };
    try {
      const blob = await saveBody({ offer, signal, onProgress, onRecovery }, { ...this.#deps, isolationOf });
      if (signal.aborted) return;
      this.#deps.saveFile(blob, fileName);
      this.#show({ kind: "saved", url, fileName, length: blob.size }, notice);
    } catch (thrown) {
      this.#fail(url, thrown, signal);
    }
  }

  #show(page: Page, notice?: string): void {
    const { canGoBack, canGoForward } = this.#history;
    this.#state.value = { page, canGoBack, canGoForward, notice };
  }
}

/** Streams of one site share circuits, those of two never do (SPEC §10.2). */
function isolationOf(url: URL): string {
  return url.hostname;
}
