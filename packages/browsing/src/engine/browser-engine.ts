import { TaborError, type Cancel } from "@tabor/onion-core";
import type { DownloadId, Engine, EngineEvent, NavigationId, SecurityLevel, TabId } from "../api.ts";
import { firstPartySite } from "../fetching/first-party.ts";
import { isHttp } from "../view/http-url.ts";
import { parseViewRequest } from "../view/messages.ts";
import type { TokenContent } from "../view/tokens.ts";
import { fitsDestination, isDocumentUse, isFormUse } from "../view/uses.ts";
import { Addresses } from "./addresses.ts";
import { Documents } from "./documents.ts";
import { Downloads } from "./downloads.ts";
import { Icons } from "./icons.ts";
import type { EngineInit } from "./ports.ts";
import { Resources } from "./resources.ts";
import { servePort } from "./serve-port.ts";
import { Tab } from "./tab.ts";
import { answer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

/** What belongs to one identity and is replaced with it. */
interface Session {
  readonly addresses: Addresses;
  readonly documents: Documents;
  readonly resources: Resources;
  readonly downloads: Downloads;
  readonly tabs: Map<TabId, Tab>;
}

/** Tabs that a person can have, with room to spare. */
const MAX_TABS = 500;

/** See `Engine`; and the answers for the view's service worker. */
export class BrowserEngine implements Engine {
  readonly #init: EngineInit;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #session: Session;
  #lastTab = 0;
  #lastNavigation = 0;

  constructor(init: EngineInit) {
    this.#init = init;
    this.#session = this.#freshSession();
  }

  openTab(id: TabId, level: SecurityLevel): void {
    const { tabs } = this.#session;
    if (tabs.has(id) || tabs.size >= MAX_TABS)
      throw new TaborError("usage", "here", "this tab cannot be opened");
    const { clock } = this.#init;
    const nextNavigation = (): NavigationId => ++this.#lastNavigation as NavigationId;
    tabs.set(id, new Tab({ id, number: ++this.#lastTab, level, clock, nextNavigation, emit: this.#emit }));
  }

  closeTab(id: TabId): void {
    this.#session.tabs.get(id)?.close();
    this.#session.tabs.delete(id);
  }

  viewUrl(
    id: TabId,
    { url, insecure = false }: { readonly url: string; readonly insecure?: boolean },
  ): Promise<string> {
    const tab = this.#session.tabs.get(id);
    const target = URL.canParse(url) ? new URL(url) : undefined;
    if (tab === undefined || target === undefined || !isHttp(target)) {
      return Promise.reject(new TaborError("usage", "here", "not an address for a tab"));
    }
    if (insecure) tab.insecureSite = firstPartySite(target);
    return Promise.resolve(this.#init.viewOrigin + this.#session.addresses.typed(tab.number, target));
  }

  urlOf(id: TabId, address: string): Promise<string | undefined> {
    const tab = this.#session.tabs.get(id);
    const url = URL.parse(address);
    const isOurs = tab !== undefined && url?.origin === this.#init.viewOrigin;
    return Promise.resolve(isOurs ? this.#session.addresses.named(tab.number, url) : undefined);
  }

  stop(id: TabId): void {
    this.#session.tabs.get(id)?.stop();
  }

  newCircuitForSite(id: TabId): void {
    const url = this.#session.tabs.get(id)?.shown?.url;
    if (url !== undefined) this.#init.fetcher.newCircuit(firstPartySite(url));
  }

  newIdentity(): void {
    const { tabs, downloads } = this.#session;
    for (const tab of tabs.values()) tab.close();
    downloads.clear();
    this.#session = this.#freshSession();
    this.#init.fetcher.newIdentity();
  }

  download(id: DownloadId, action: "accept" | "cancel"): void {
    this.#session.downloads.act(id, action);
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

  /** Answers a request of the view's on `port`. @throws malformed for a message that is none. */
  serve(message: unknown, port: MessagePort): void {
    const session = this.#session;
    void servePort(parseViewRequest(message), port, {
      open: (token) => session.addresses.open(token),
      answer: (request, { destination }) => this.#answer(session, request, destination),
    });
  }

  async #answer(session: Session, request: ViewRequest, destination: string): Promise<ViewAnswer> {
    const { content } = request;
    const tab = [...session.tabs.values()].find(({ number }) => number === content.tab);
    if (tab === undefined || !isProper(request, destination)) return answer({ level: "safest", status: 403 });
    const part = isDocumentUse(content.use) ? session.documents : session.resources;
    return part.answer(request, tab);
  }

  readonly #emit = (event: EngineEvent): void => {
    for (const listener of [...this.#listeners]) listener(event);
  };

  #freshSession(): Session {
    const emit = this.#emit;
    const addresses = new Addresses(this.#init.random);
    const downloads = new Downloads({ ...this.#init, emit });
    const icons = new Icons({ ...this.#init, emit });
    const documents = new Documents({ ...this.#init, addresses, downloads, icons, emit });
    const resources = new Resources({ ...this.#init, addresses });
    return { addresses, documents, resources, downloads, tabs: new Map() };
  }
}

/** Whether the browser asks for it in the way that it was minted for. */
function isProper(
  { content, method, query }: Pick<ViewRequest, "method" | "query"> & { content: TokenContent },
  destination: string,
): boolean {
  const isForm = isFormUse(content.use);
  return fitsDestination(content.use, destination) && (isForm || (method === "GET" && query === ""));
}
