import type { Random } from "@tabor/onion-core";
import type { EngineEvent } from "../../api.ts";
import type { Fetcher } from "../../fetching/api.ts";
import { parsePageMessage, type PageMessage, type PageNews } from "../../page/index.ts";
import type { Tab } from "../tab.ts";
import type { Label, Page } from "./label.ts";
import { WebSocketLine } from "./web-socket.ts";

export interface PageLineDeps {
  readonly fetcher: Fetcher;
  readonly random: Random;
  readonly emit: (event: EngineEvent) => void;
  readonly tab: (number: number) => Tab | undefined;
}

/** WebSockets that one document may have open, as browsers bound them. */
const MAX_SOCKETS = 255;

/** What a document's hooks say, and are told. All of it may be said by any script of the label, for the label. */
export class PageLine {
  readonly #deps: PageLineDeps;
  readonly #label: Label;
  readonly #page: Page;
  readonly #port: MessagePort;
  /** The cookies that the hooks know of. */
  #told: string;
  #sockets = 0;

  constructor(port: MessagePort, page: Page, label: Label, deps: PageLineDeps) {
    this.#deps = deps;
    this.#label = label;
    this.#page = page;
    this.#port = port;
    this.#told = label.cookiesFor(page.url);
    port.onmessage = ({ data, ports }: MessageEvent<unknown>) => {
      try {
        this.#obey(parsePageMessage(data), ports);
      } catch {
        this.close();
      }
    };
    port.start();
  }

  close(): void {
    this.#port.close();
  }

  /** What the cookies are by now, if the document does not know. */
  tellCookies(): void {
    const cookie = this.#label.cookiesFor(this.#page.url);
    if (cookie === this.#told) return;
    this.#told = cookie;
    this.#port.postMessage({ type: "cookie", cookie } satisfies PageNews);
  }

  /** What the window is of whose messages come from `view`. */
  tellMet(view: string, origin: string): void {
    this.#port.postMessage({ type: "met", view, origin } satisfies PageNews);
  }

  #obey(message: PageMessage, [port]: readonly MessagePort[]): void {
    switch (message.type) {
      case "cookie":
        this.#deps.fetcher.setScriptCookie(this.#label.firstParty, this.#page.url, message.cookie);
        // The document has its own idea of what became of it.
        this.#told = "\0";
        this.#label.tellCookies();
        return;
      case "navigating":
        this.#label.leaves(this.#page, new URL(message.url));
        return;
      case "location":
        this.#moved(message);
        return;
      case "title": {
        const shown = this.#shown();
        if (shown !== undefined) this.#deps.emit({ type: "title", ...shown, title: message.title });
        return;
      }
      case "open":
        this.#open(message);
        return;
      case "websocket":
        if (port !== undefined) void this.#socket(message, port);
        return;
    }
  }

  /** The address bar may name no other origin than the document's. */
  #moved({ url: href, kind }: Extract<PageMessage, { type: "location" }>): void {
    const shown = this.#shown();
    const url = new URL(href);
    if (shown === undefined || url.origin !== this.#label.origin) return;
    this.#deps.emit({ type: "location", ...shown, url: url.href, kind });
  }

  #open({ url: href, activated }: Extract<PageMessage, { type: "open" }>): void {
    const tab = this.#deps.tab(this.#page.tab);
    const isShown = this.#page.isFrame ? tab?.shown !== undefined : this.#shown() !== undefined;
    if (tab === undefined || !isShown || !activated) return;
    const url = this.#label.opened(tab.number, new URL(href));
    if (url !== undefined && /^https?:/.test(url)) this.#deps.emit({ type: "open", tab: tab.id, url });
  }

  async #socket(
    { url, protocols }: Extract<PageMessage, { type: "websocket" }>,
    port: MessagePort,
  ): Promise<void> {
    if (this.#sockets >= MAX_SOCKETS) {
      port.close();
      return;
    }
    this.#sockets += 1;
    const { fetcher, random } = this.#deps;
    const { firstParty, initiator } = this.#label;
    const line = new WebSocketLine(port, random);
    await line.run((signal) => {
      const ending = this.#deps.tab(this.#page.tab)?.shown?.ending.signal;
      return fetcher.openSocket({
        ...{ url: new URL(url), protocols, firstParty, initiator },
        signal: ending === undefined ? signal : AbortSignal.any([signal, ending]),
      });
    });
    this.#sockets -= 1;
  }

  /** The tab that shows this document as its page. */
  #shown(): Pick<Extract<EngineEvent, { type: "title" }>, "tab" | "navigation"> | undefined {
    const tab = this.#deps.tab(this.#page.tab);
    const isShown = tab?.shown !== undefined && this.#label.topOf(tab.number) === this.#page;
    return isShown && this.#label.shows(tab.shown.url)
      ? { tab: tab.id, navigation: tab.shown.id }
      : undefined;
  }
}
