import { Fields } from "@tabor/http";
import { TaborError, type Cancel } from "@tabor/onion-core";
import type { DownloadId, Engine, EngineEvent, NavigationId, SecurityLevel, TabId } from "../api.ts";
import { parsePageHello } from "../page/index.ts";
import { firstPartySite } from "../fetching/first-party.ts";
import { isHttp } from "../view/http-url.ts";
import { parseViewRequest, type ViewRequestMessage } from "../view/messages.ts";
import type { TokenContent } from "../view/tokens.ts";
import { fitsDestination, isDocumentUse, isFormUse } from "../view/uses.ts";
import { Addresses } from "./addresses.ts";
import { Documents } from "./documents.ts";
import { Downloads } from "./downloads.ts";
import { Icons } from "./icons.ts";
import type { EngineInit } from "./ports.ts";
import { Resources } from "./resources.ts";
import { servePort, type Asked, type ViewServer } from "./serve-port.ts";
import { Labels } from "./standard/labels.ts";
import { noStandard, StandardView } from "./standard/standard-view.ts";
import { Tab } from "./tab.ts";
import { answer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

/** What belongs to one identity and is replaced with it. */
interface Session {
  readonly addresses: Addresses;
  readonly labels: Labels;
  readonly standard: StandardView;
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
  #isStandardAllowed = false;

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
    if (tab.level === "standard" && !this.#isStandardAllowed) return Promise.reject(noStandard());
    if (insecure) tab.insecureSite = firstPartySite(target);
    const { addresses, labels } = this.#session;
    const content = typed(tab, target);
    const address = tab.level === "safest" ? addresses.led(content, target, 1) : labels.address(content);
    return Promise.resolve(address);
  }

  /** This browser was seen to enforce `Connection-Allowlist`: before that nothing is served at Standard. */
  allowStandard(): void {
    this.#isStandardAllowed = true;
  }

  urlOf(id: TabId, address: string): Promise<string | undefined> {
    const tab = this.#session.tabs.get(id);
    const url = URL.parse(address);
    if (tab === undefined || url === null) return Promise.resolve(undefined);
    const { addresses, labels } = this.#session;
    const place = url.origin === this.#init.viewOrigin ? addresses : labels.at(url.origin);
    return Promise.resolve(place?.named(tab.number, url));
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

  /**
   * Answers a request of the view's on `port`.
   * @param origin of the boot page that passed it on.
   * @throws malformed for a message that is none.
   */
  serve(message: unknown, port: MessagePort, origin: string): void {
    const hello = parsePageHello(message);
    if (hello !== undefined) {
      const label = this.#isStandardAllowed ? this.#session.labels.at(origin) : undefined;
      if (label !== undefined) this.#session.standard.listen(hello, port, label);
      return;
    }
    const server = origin === this.#init.viewOrigin ? this.#safestServer() : this.#standardServer(origin);
    void servePort(parseViewRequest(message), port, server);
  }

  #safestServer(): ViewServer {
    const session = this.#session;
    return (message) => {
      const [path = ""] = message.path.split("?");
      const content = session.addresses.openPath(path);
      return content === undefined ? undefined : (asked) => this.#answer(session, message, content, asked);
    };
  }

  #standardServer(origin: string): ViewServer {
    const { labels, standard } = this.#session;
    const label = this.#isStandardAllowed ? labels.at(origin) : undefined;
    return (message) => (label === undefined ? undefined : (asked) => standard.answer(message, asked, label));
  }

  async #answer(
    session: Session,
    message: ViewRequestMessage,
    content: TokenContent,
    asked: Asked,
  ): Promise<ViewAnswer> {
    const tab = [...session.tabs.values()].find(({ number }) => number === content.tab);
    const at = message.path.indexOf("?");
    const query = at < 0 ? "" : message.path.slice(at);
    const request: ViewRequest = {
      ...{ ...message, ...asked, content, query, place: session.addresses },
      ...{ address: message.path, fields: new Fields(message.fields) },
    };
    if (tab === undefined || !isProper(request, message.destination)) return answer({ status: 403 });
    const part = isDocumentUse(content.use) ? session.documents : session.resources;
    return part.answer(request, tab);
  }

  readonly #emit = (event: EngineEvent): void => {
    for (const listener of [...this.#listeners]) listener(event);
  };

  #freshSession(): Session {
    const emit = this.#emit;
    const { random, viewOrigin, fetcher, prepareView } = this.#init;
    const tabs = new Map<TabId, Tab>();
    const addresses = new Addresses(random, viewOrigin);
    const downloads = new Downloads({ ...this.#init, emit });
    const icons = new Icons({ ...this.#init, emit });
    const documents = new Documents({ ...this.#init, downloads, icons, emit });
    const resources = new Resources(this.#init);
    const labels = new Labels({
      ...{ viewOrigin, random, prepare: prepareView },
      cookiesFor: (firstParty, url) => fetcher.scriptCookies(firstParty, url),
      insecureSite: (number) => [...tabs.values()].find((tab) => tab.number === number)?.insecureSite,
    });
    const standard = new StandardView({
      ...{ documents, resources, fetcher, random, emit },
      tabs: () => tabs.values(),
    });
    return { addresses, labels, standard, documents, resources, downloads, tabs };
  }
}

/** What the address bar asks for. */
function typed({ number: tab }: Tab, url: URL): TokenContent {
  const firstParty = firstPartySite(url);
  return { tab, use: "document", firstParty, initiator: undefined, via: [], url, lead: 1 };
}

/** Whether the browser asks for it in the way that it was minted for. */
function isProper(
  { content, method, query }: Pick<ViewRequest, "method" | "query"> & { content: TokenContent },
  destination: string,
): boolean {
  const isForm = isFormUse(content.use);
  const isAsked = isForm ? method === "GET" || method === "POST" : method === "GET" && query === "";
  return fitsDestination(content.use, destination) && isAsked;
}
