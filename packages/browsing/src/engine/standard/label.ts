import { bytesToBase64Url, randomBytes, type Random } from "@tabor/onion-core";
import type { UrlUse } from "@tabor/rewrite";
import { firstPartySite } from "../../fetching/first-party.ts";
import { referrer } from "../../fetching/initiation.ts";
import { USER_AGENT } from "../../fetching/request-fields.ts";
import {
  HOOKS_PATH,
  isOwnPath,
  mintInPage,
  openMinted,
  PAGE_KEY_LENGTH,
  PAGE_TOKEN_PATH,
  type HookConfig,
} from "../../page/index.ts";
import { bareUrl } from "../../view/http-url.ts";
import { Tokens, type TokenContent } from "../../view/tokens.ts";
import { isTopUse, type ViewUse } from "../../view/uses.ts";
import { escapeHtml } from "../html-text.ts";
import type { Asker, Place } from "../place.ts";
import type { HeldForm } from "../tab.ts";
import type { ViewRequest } from "../view-answer.ts";
import { MovedAnswers } from "./moved-answers.ts";
import type { PageLine } from "./page-line.ts";
import { Recent } from "./recent.ts";

const PREFIX = "/~v/";
/** Stands for an address that is too long, or nobody's business: no token, so nothing is loaded. */
export const NOWHERE = `${PREFIX}-`;
/** Documents and workers of one label that are remembered; a page with more frames has some that load nothing more. */
const MAX_PAGES = 500;
/** Forms of frames that are under way from one label to another. */
const MAX_FORMS = 8;

/** A document, or a worker that one of them began. */
export interface Page {
  readonly number: number;
  /** The number of its tab. */
  readonly tab: number;
  readonly url: URL;
  readonly isFrame: boolean;
}

export interface LabelInit {
  /** "https://<label>.view.example.org" */
  readonly viewOrigin: string;
  readonly firstParty: string;
  /** "https://shop.example" */
  readonly origin: string;
  readonly random: Random;
  /** What scripts of this site see of the cookies for an address. */
  readonly cookiesFor: (url: URL) => string;
  /** Where a tab's frame is shown another origin's documents. */
  readonly elsewhere: (content: TokenContent, url: URL, lead: number) => string;
  /** As `Place.framed`. */
  readonly framed: Place["framed"];
  /** For frames of another origin in this label's pages; left out: for pages of the address bar, and their own frames. */
  readonly embedder?: Label;
}

/**
 * One origin of the web within one first-party site, shown at an origin of the view of its own: the browser itself then keeps its storage
 * and documents from all others. Paths of the origin stand for themselves; all other addresses are tokens that mean nothing elsewhere.
 */
export class Label implements Place {
  readonly level = "standard";
  readonly viewOrigin: string;
  readonly firstParty: string;
  readonly origin: string;
  readonly #init: LabelInit;
  readonly #host: string;
  readonly #tokens: Tokens;
  /** Under which its pages mint. */
  readonly #pageKey: string;
  /** What a document is loaded for whose path is asked for next, by the client that it will be. */
  readonly #arrivals = new Recent<string, TokenContent>(MAX_PAGES);
  readonly #leaving = new Recent<string, Page>(MAX_PAGES);
  readonly #pages = new Recent<number, Page>(MAX_PAGES);
  readonly #clients = new Recent<string, Page>(MAX_PAGES);
  /** The page that a tab shows, by the tab's number. */
  readonly #tops = new Recent<number, Page>(MAX_PAGES);
  readonly #lines = new Recent<PageLine, PageLine>(MAX_PAGES);
  /** What scripts asked for, until the browser has followed to the address that it was found at. */
  readonly moved = new MovedAnswers();
  readonly #forms = new Recent<number, HeldForm>(MAX_FORMS);
  /** Whose windows its documents meet within a page, as frames or around them: origins of the web by those of the view. */
  readonly #met = new Map<string, string>();
  #lastPage = 0;
  #lastForm = 0;

  constructor(init: LabelInit) {
    ({ viewOrigin: this.viewOrigin, firstParty: this.firstParty, origin: this.origin } = init);
    this.#init = init;
    this.#host = new URL(this.viewOrigin).host;
    this.#tokens = new Tokens(init.random);
    this.#pageKey = bytesToBase64Url(randomBytes(init.random, PAGE_KEY_LENGTH));
  }

  /** Who asks for the parts of its pages: of all that a request tells, no more than the origin matters. */
  get initiator(): URL {
    return new URL(this.origin);
  }

  /** The label of the page in whose frames its documents are, or itself. */
  get embedder(): Label {
    return this.#init.embedder ?? this;
  }

  /** Whether it was set aside for frames. */
  get isForFrames(): boolean {
    return this.#init.embedder !== undefined;
  }

  openToken(path: string): TokenContent | undefined {
    return path.startsWith(PREFIX) ? this.#tokens.open(path.slice(PREFIX.length)) : undefined;
  }

  /** What an address of this origin stands for, in a page of this tab, with its fragment; undefined: nothing. */
  named(tab: number, { pathname, search, hash }: URL): string | undefined {
    if (isOwnPath(pathname)) return this.origin + pathname + search + hash;
    if (pathname.startsWith(PAGE_TOKEN_PATH)) {
      const minted = this.openMinted(pathname.slice(PAGE_TOKEN_PATH.length));
      return minted === undefined ? undefined : minted.url + hash;
    }
    const content = this.openToken(pathname);
    return content?.tab === tab ? content.url.href + hash : undefined;
  }

  /** What a page's script means that opens an address in a tab of its own; undefined: nothing, and no name of the view is ever looked up. */
  opened(tab: number, url: URL): string | undefined {
    if (url.origin === this.viewOrigin) return this.named(tab, url);
    const view = this.#host.slice(this.#host.indexOf(".") + 1);
    return url.host === view || url.host.endsWith(`.${view}`) ? undefined : url.href;
  }

  /** The path at which a script of the page finds the address, as if it had minted it. */
  pathFor(page: number, url: URL): string {
    if (this.keepsPath(url)) return url.pathname + url.search;
    return mintInPage(this.#pageKey, { page, use: "fetch", url: bareUrl(url).href }) ?? NOWHERE;
  }

  /** What a page has minted for itself. */
  openMinted(token: string): ReturnType<typeof openMinted> {
    return openMinted(this.#pageKey, token);
  }

  /** Pages tell others where they are, as `location` has it: sites are told of the origin that they know. */
  meant(href: string): URL {
    if (!href.includes(this.#host)) return new URL(href);
    const real = new URL(this.origin);
    const said: readonly (readonly [string, string])[] = [
      [this.viewOrigin, this.origin],
      [encodeURIComponent(this.viewOrigin), encodeURIComponent(this.origin)],
      [this.#host, real.host],
    ];
    return new URL(said.reduce((text, [view, meant]) => text.replaceAll(view, meant), href));
  }

  /** Where a tab's frame is shown this, whatever leads there. */
  address(content: TokenContent): string {
    return this.viewOrigin + this.#token(content);
  }

  mint(asker: Asker, url: URL, use: UrlUse): string {
    const isNavigation = use === "document" || use === "form";
    if (this.keepsPath(url) && use !== "frame" && !(isNavigation && asker.isFrame))
      return url.pathname + url.search;
    const inFrame = asker.isFrame ? framed(use) : use;
    const firstParty = isTopUse(inFrame) ? firstPartySite(url) : this.firstParty;
    const { initiator } = this;
    return this.#token({ tab: asker.tab, use: inFrame, firstParty, initiator, via: [], url, lead: 0 });
  }

  led(content: TokenContent, url: URL, lead: number): string {
    return this.#init.elsewhere(content, url, lead);
  }

  redirected({ content, resultingClient }: ViewRequest, url: URL, use: ViewUse): string | undefined {
    if (!this.shows(url)) return undefined;
    const via = [...content.via, content.url].map((step) => new URL("/", step));
    const next: TokenContent = { ...content, use, via, url };
    return this.keepsPath(url) ? this.arrive(resultingClient, next) + url.hash : this.#token(next);
  }

  framed(content: TokenContent, url: URL, form: HeldForm | undefined): Promise<string | undefined> {
    return this.#init.framed(content, url, form);
  }

  /** Of those above a frame no more is known than the page, and who led there. */
  ancestorsOf({ initiator }: TokenContent): readonly URL[] {
    return [this.embedder.initiator, ...(initiator === undefined ? [] : [initiator])];
  }

  /** @returns the number by which it is taken. */
  holdForm(form: HeldForm): number {
    this.#forms.set(++this.#lastForm, form);
    return this.#lastForm;
  }

  /** Once; whoever asks again gets the page as by a link. */
  takeForm(number: number): HeldForm | undefined {
    const form = this.#forms.get(number);
    this.#forms.delete(number);
    return form;
  }

  holdsForm(number: number): boolean {
    return this.#forms.get(number) !== undefined;
  }

  /** Documents of the two are told whose messages they get. */
  meet({ viewOrigin, origin }: Label): void {
    if (this.#met.has(viewOrigin)) return;
    this.#met.set(viewOrigin, origin);
    for (const line of this.#lines.values()) line.tellMet(viewOrigin, origin);
  }

  /** What is asked for by plain http is asked over https, and shown as that. */
  shows(url: URL): boolean {
    return url.origin === this.origin || url.origin.replace(/^http:/, "https:") === this.origin;
  }

  /** Whether the address stands for itself. */
  keepsPath(url: URL): boolean {
    return this.shows(url) && isOwnPath(url.pathname);
  }

  /** A page says that it goes on to an address of its own origin. */
  leaves(page: Page, url: URL): void {
    this.#leaving.set(url.pathname + url.search, page);
  }

  /**
   * The page that said that it goes there. Pages around a frame can send it to any of its paths, which would look as if its own document
   * had: there a word counts once.
   */
  left(path: string): Page | undefined {
    const page = this.#leaving.get(path);
    if (this.isForFrames) this.#leaving.delete(path);
    return page;
  }

  /** Notes what the document is for that `client` will be. @returns the path to be asked for. */
  arrive(client: string, content: TokenContent): string {
    this.#arrivals.set(client, content);
    return content.url.pathname + content.url.search;
  }

  /** What was noted, if the document that comes is the one that was meant. */
  arrived(client: string, path: string): TokenContent | undefined {
    const content = this.#arrivals.get(client);
    return content !== undefined && content.url.pathname + content.url.search === path ? content : undefined;
  }

  headOf({ tab, url, isFrame }: Asker, { resultingClient, content: { initiator } }: ViewRequest): string {
    const page = { number: ++this.#lastPage, tab, url: bareUrl(url), isFrame };
    this.#pages.set(page.number, page);
    this.adopt(resultingClient, page);
    if (!isFrame) this.#tops.set(tab, page);
    const config = JSON.stringify(this.configOf(page, initiator));
    return `<script src="${HOOKS_PATH}" data-tabor="${escapeHtml(config)}"></script>`;
  }

  /** What the hooks of a document, or of a worker that it began, are told. */
  configOf({ number, url, isFrame }: Page, initiator: URL | undefined): HookConfig {
    return {
      url: url.href,
      page: number,
      key: this.#pageKey,
      cookie: this.cookiesFor(url),
      referrer: referrer({ initiator, url }) ?? "",
      userAgent: USER_AGENT,
      languages: ["en-US", "en"],
      isFrame,
      met: [...this.#met],
    };
  }

  /** Notes a worker that begins. */
  worker(client: string, tab: number, url: URL): Page {
    const page = { number: ++this.#lastPage, tab, url, isFrame: true };
    this.#pages.set(page.number, page);
    this.adopt(client, page);
    return page;
  }

  cookiesFor(url: URL): string {
    return this.#init.cookiesFor(url);
  }

  /** The document that a tab shows, if it is of this label. */
  topOf(tab: number): Page | undefined {
    return this.#tops.get(tab);
  }

  /** Hooks have a line to us; those of a page's workers and empty frames have lines of the page. */
  listen(line: PageLine): void {
    this.#lines.set(line, line);
    // Some may have come since the document did.
    for (const [view, origin] of this.#met) line.tellMet(view, origin);
  }

  /** Documents learn of cookies that have changed. */
  tellCookies(): void {
    for (const line of this.#lines.values()) line.tellCookies();
  }

  /** The client is this page, or its worker. */
  adopt(client: string, page: Page): void {
    if (client !== "") this.#clients.set(client, page);
  }

  page(number: number): Page | undefined {
    return this.#pages.get(number);
  }

  /** Whose request it is; where the browser does not tell, that of the newest page. */
  pageOf(client: string): Page | undefined {
    return this.#clients.get(client) ?? this.#pages.newest();
  }

  #token(content: TokenContent): string {
    const token = this.#tokens.seal({ ...content, url: bareUrl(content.url) });
    return token === undefined ? NOWHERE : `${PREFIX}${token}${content.url.hash}`;
  }
}

/** What a document in a frame leads to stays in the frame. */
function framed(use: UrlUse): ViewUse {
  if (use === "document") return "frame";
  return use === "form" ? "frame-form" : use;
}
