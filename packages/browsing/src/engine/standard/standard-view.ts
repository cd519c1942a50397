import { Fields } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import { firstPartySite } from "../../fetching/first-party.ts";
import { isOwnPath, PAGE_TOKEN_PATH, type PageHello } from "../../page/index.ts";
import type { ViewRequestMessage } from "../../view/messages.ts";
import type { TokenContent } from "../../view/tokens.ts";
import { isDocumentUse, isFormUse, isTopUse, type ViewUse } from "../../view/uses.ts";
import type { Documents } from "../documents.ts";
import type { Resources } from "../resources.ts";
import type { Asked } from "../serve-port.ts";
import type { Tab } from "../tab.ts";
import { answer, type ViewAnswer, type ViewRequest } from "../view-answer.ts";
import type { Label, Page } from "./label.ts";
import { PageLine, type PageLineDeps } from "./page-line.ts";

export interface StandardViewDeps extends Omit<PageLineDeps, "tab"> {
  readonly documents: Documents;
  readonly resources: Resources;
  readonly tabs: () => Iterable<Tab>;
}

/** Answers what pages of labels ask for. Whatever a request says, it gets no more than its label may have. */
export class StandardView {
  readonly #deps: StandardViewDeps;

  constructor(deps: StandardViewDeps) {
    this.#deps = deps;
  }

  async answer(message: ViewRequestMessage, asked: Asked, label: Label): Promise<ViewAnswer> {
    const isDocument = message.destination === "iframe";
    const shown = await (isDocument
      ? this.#document(message, asked, label)
      : this.#part(message, asked, label));
    // Before the answer: whoever reads it may look for what came with it.
    label.tellCookies();
    return shown;
  }

  /** The hooks of a document have come. */
  listen(hello: PageHello, port: MessagePort, label: Label): void {
    const page = label.page(hello.page);
    if (page === undefined) port.close();
    else label.listen(new PageLine(port, page, label, { ...this.#deps, tab: (number) => this.#tab(number) }));
  }

  async #document(message: ViewRequestMessage, asked: Asked, label: Label): Promise<ViewAnswer> {
    const content = this.#destinationOf(message, label);
    const tab = content === undefined ? undefined : this.#tab(content.tab);
    if (content === undefined || tab === undefined || !/^(?:GET|POST)$/.test(message.method))
      return refused();
    const holder = label.isForFrames ? label : tab;
    if (standsForPath(message, content, label) && !holder.holdsForm(content.lead)) {
      const path = label.arrive(message.resultingClient, content);
      return answer({ status: 302, headers: [["Location", path]] });
    }
    const request = requestOf(message, content, asked, label);
    const form = label.isForFrames ? label.takeForm(content.lead) : undefined;
    return this.#deps.documents.answer(
      form === undefined ? request : { ...request, ...form, method: "POST" },
      tab,
    );
  }

  /** What a document is asked for. */
  #destinationOf(message: ViewRequestMessage, label: Label): TokenContent | undefined {
    const { path, resultingClient, method } = message;
    const [bare = ""] = path.split("?");
    if (isOwnPath(bare)) {
      const arrived = label.arrived(resultingClient, path);
      if (arrived !== undefined) return arrived;
      const from = label.left(path) ?? (label.isForFrames ? undefined : this.#onlyTab(label));
      if (from === undefined) return undefined;
      const use: ViewUse = from.isFrame ? "frame" : method === "POST" ? "form" : "document";
      return this.#own(label, from.tab, use, path);
    }
    if (bare.startsWith(PAGE_TOKEN_PATH)) return this.#minted(label, bare);
    const content = label.openToken(bare);
    return content !== undefined && isDocumentUse(content.use) ? content : undefined;
  }

  #minted(label: Label, path: string): TokenContent | undefined {
    const minted = label.openMinted(path.slice(PAGE_TOKEN_PATH.length));
    const page = minted === undefined ? undefined : label.page(minted.page);
    if (minted === undefined || page === undefined) return undefined;
    const { firstParty: own, initiator } = label;
    const url = label.meant(minted.url);
    const use = page.isFrame ? framed(minted.use) : minted.use;
    const firstParty = isTopUse(use) ? firstPartySite(url) : own;
    return { tab: page.tab, use, firstParty, initiator, via: [], url, lead: 0 };
  }

  #own(label: Label, tab: number, use: ViewUse, path: string): TokenContent {
    const url = label.meant(label.origin + path);
    const { firstParty, initiator } = label;
    // It goes by itself, and so is shown at once.
    return { tab, use, firstParty, initiator, via: [], url, lead: isTopUse(use) ? 1 : 0 };
  }

  async #part(message: ViewRequestMessage, asked: Asked, label: Label): Promise<ViewAnswer> {
    const { client, path } = message;
    const held = label.moved.take(client, path);
    if (held !== undefined) return held;
    const shown = await this.#load(message, asked, label);
    const page = label.pageOf(client);
    if (shown.movedTo === undefined || page === undefined) return shown;
    // Only what the browser was led to has that address for scripts (`Response.url`).
    const moved = label.pathFor(page.number, shown.movedTo);
    label.moved.hold(client, moved, shown);
    return answer({ status: 303, headers: [["Location", moved + shown.movedTo.hash]] });
  }

  async #load(message: ViewRequestMessage, asked: Asked, label: Label): Promise<ViewAnswer> {
    const use = useOf(message.destination);
    const content = use === undefined ? undefined : this.#partOf(message, label, use);
    const tab = content === undefined ? undefined : this.#tab(content.tab);
    if (content === undefined || tab === undefined)
      throw new TaborError("usage", "here", "not a part of a page");
    return this.#deps.resources.answer(requestOf(message, content, asked, label), tab);
  }

  /** What it is used for, the browser says; where it is, the address. */
  #partOf({ path, client }: ViewRequestMessage, label: Label, use: ViewUse): TokenContent | undefined {
    const [bare = ""] = path.split("?");
    if (isOwnPath(bare)) {
      const page = label.pageOf(client);
      return page === undefined ? undefined : this.#own(label, page.tab, use, path);
    }
    const content = bare.startsWith(PAGE_TOKEN_PATH) ? this.#minted(label, bare) : label.openToken(bare);
    if (content === undefined) return undefined;
    return { ...content, use, firstParty: label.firstParty, initiator: label.initiator, via: [] };
  }

  /** Of two tabs that show a site the browser does not tell which one goes on. */
  #onlyTab(label: Label): Pick<Page, "tab" | "isFrame"> | undefined {
    const tabs = [...this.#deps.tabs()].filter(
      ({ level, shown }) => level === "standard" && shown !== undefined && label.shows(shown.url),
    );
    const [tab] = tabs;
    return tab === undefined || tabs.length > 1 ? undefined : { tab: tab.number, isFrame: false };
  }

  #tab(number: number): Tab | undefined {
    for (const tab of this.#deps.tabs()) if (tab.number === number) return tab;
    return undefined;
  }
}

/** A token that leads to a path of the label's own: that is where the document believes to be. */
function standsForPath({ path, method }: ViewRequestMessage, content: TokenContent, label: Label): boolean {
  if (isOwnPath(path) || !label.keepsPath(content.url)) return false;
  const goes = content.lead !== 0 || !isTopUse(content.use);
  return goes && method === "GET" && !isFormUse(content.use);
}

function requestOf(
  message: ViewRequestMessage,
  content: TokenContent,
  asked: Asked,
  label: Label,
): ViewRequest {
  const { path, fields } = message;
  const query = isOwnPath(path) || !path.includes("?") ? "" : path.slice(path.indexOf("?"));
  return { ...message, ...asked, content, address: path, query, fields: new Fields(fields), place: label };
}

/** Fetch §2.2.5: what an answer is for, as the browser names it. undefined: nothing that a page gets. */
function useOf(destination: string): ViewUse | undefined {
  switch (destination) {
    case "":
    case "json":
    case "manifest":
      return "fetch";
    case "video":
    case "audio":
      return "media";
    case "script":
    case "audioworklet":
    case "paintworklet":
      return "script";
    case "worker":
    case "sharedworker":
      return "worker";
    case "image":
    case "font":
    case "style":
    case "track":
      return destination;
    default:
      return undefined;
  }
}

function framed(use: ViewUse): ViewUse {
  if (use === "document") return "frame";
  return use === "form" ? "frame-form" : use;
}

function refused(): ViewAnswer {
  return answer({ status: 403 });
}

export function noStandard(): TaborError {
  return new TaborError("usage", "here", "this browser cannot hold pages with scripts to the circuit");
}
