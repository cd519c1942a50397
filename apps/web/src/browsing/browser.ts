import { TaborError, toTaborError } from "@tabor/onion-core";
import type { Network } from "../services/network.ts";
import { Store, type Readable } from "../services/store.ts";
import { readAddress, type TypedAddress } from "./address.ts";
import { explain } from "./explain.ts";
import { History } from "./history.ts";
import { watchLoad, type LoadWatch } from "./load-watch.ts";
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

interface Failure {
  readonly url: URL;
  readonly thrown: unknown;
  readonly signal: AbortSignal;
  readonly watch: LoadWatch;
}

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
    const watch = this.#watch(signal, (progress) => ({ kind: "loading", url, progress }));
    try {
      const loaded = await loadPage({ url, signal, ...watch }, { ...this.#deps, isolationOf });
      watch.stop();
      this.#arrive(loaded, signal, watch.notice);
    } catch (thrown) {
      this.#fail({ url, thrown, signal, watch });
    }
  }

  #watch(signal: AbortSignal, pageOf: (progress: LoadProgress) => Page, before?: string): LoadWatch {
    const show = (progress: LoadProgress, notice: string | undefined): void => {
      this.#show(pageOf(progress), notice);
    };
    return watchLoad(this.#deps.clock, signal, show, before);
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

  #fail({ url, thrown, signal, watch }: Failure): void {
    watch.stop();
    if (this.#current.signal !== signal) return;
    const error = signal.aborted
      ? new TaborError("aborted", "here", "stopped by you")
      : toTaborError(thrown, "here", "loading a page");
    this.#show({ kind: "failed", url, explanation: explain(error), circuit: watch.latest?.circuit });
  }

  async #save(offer: Offered): Promise<void> {
    const { signal } = this.#current;
    const { url, fileName } = offer.page;
    this.#offer = undefined;
    const watch = this.#watch(
      signal,
      (progress) => ({ kind: "saving", url, fileName, progress }),
      this.#state.value.notice,
    );
    try {
      const blob = await saveBody({ offer, signal, ...watch }, { ...this.#deps, isolationOf });
      signal.throwIfAborted();
      watch.stop();
      this.#deps.saveFile(blob, fileName);
      this.#show({ kind: "saved", url, fileName, length: blob.size }, watch.notice);
    } catch (thrown) {
      this.#fail({ url, thrown, signal, watch });
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
