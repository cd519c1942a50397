import type { DownloadId, Engine, EngineEvent, SecurityLevel, TabId } from "@tabor/browsing";
import type { Cancel, TaborError } from "@tabor/onion-core";
import type { FromWorker, Outcome, ToWorker } from "./messages.ts";

export interface RemoteEngineInit {
  readonly tell: (message: ToWorker) => void;
  /** Resolves once a tab's frame may ask this origin of the view for pages. */
  readonly viewReady: (tab: TabId, origin: string) => Promise<void>;
  readonly tabClosed: (tab: TabId) => void;
  /** What else a new identity forgets: circuits, and what the browser keeps for pages. */
  readonly newIdentity: () => void;
}

interface Waiting {
  readonly resolve: (address: string) => void;
  readonly reject: (error: TaborError) => void;
}

/** The engine in its worker, as the page sees it. */
export class RemoteEngine implements Engine {
  readonly #init: RemoteEngineInit;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #wondering = new Map<number, (url: string | undefined) => void>();
  #lastId = 0;

  constructor(init: RemoteEngineInit) {
    this.#init = init;
  }

  openTab(tab: TabId, level: SecurityLevel): void {
    this.#init.tell({ type: "open-tab", tab, level });
  }

  closeTab(tab: TabId): void {
    this.#init.tell({ type: "close-tab", tab });
    this.#init.tabClosed(tab);
  }

  async viewUrl(
    tab: TabId,
    { url, insecure = false }: { readonly url: string; readonly insecure?: boolean },
  ): Promise<string> {
    const id = ++this.#lastId;
    const address = await new Promise<string>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#init.tell({ type: "view-url", id, tab, url, insecure });
    });
    await this.#init.viewReady(tab, new URL(address).origin);
    return address;
  }

  urlOf(tab: TabId, address: string): Promise<string | undefined> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#wondering.set(id, resolve);
      this.#init.tell({ type: "url-of", id, tab, address });
    });
  }

  stop(tab: TabId): void {
    this.#init.tell({ type: "stop", tab });
  }

  newCircuitForSite(tab: TabId): void {
    this.#init.tell({ type: "new-circuit", tab });
  }

  newIdentity(): void {
    this.#init.tell({ type: "new-identity" });
    this.#init.newIdentity();
  }

  download(download: DownloadId, action: "accept" | "cancel"): void {
    this.#init.tell({ type: "download", download, action });
  }

  subscribe(listener: (event: EngineEvent) => void): Cancel {
    const own = (event: EngineEvent): void => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** What the worker says that concerns its callers. */
  heard(message: Extract<FromWorker, { type: "event" | "view-url" | "url-of" }>): void {
    switch (message.type) {
      case "event":
        void this.#emit(message.event);
        return;
      case "view-url":
        this.#settle(message.id, message.result);
        return;
      case "url-of":
        this.#wondering.get(message.id)?.(message.url);
        this.#wondering.delete(message.id);
        return;
    }
  }

  /** A frame is led only to where it will be answered. */
  async #emit(event: EngineEvent): Promise<void> {
    if (event.type === "lead")
      await this.#init.viewReady(event.tab, new URL(event.address).origin).catch(() => undefined);
    for (const listener of [...this.#listeners]) listener(event);
  }

  #settle(id: number, result: Outcome<string>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (result.ok) waiting?.resolve(result.value);
    else waiting?.reject(result.error);
  }
}
