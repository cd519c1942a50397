import {
  isOwnPath,
  mintInPage,
  openMinted,
  PAGE_TOKEN_PATH,
  type HookConfig,
  type PageUse,
} from "@tabor/browsing/page";
import { addressesOf, WHAT_SCRIPTS_MAY, type Addresses, type UrlUse } from "@tabor/rewrite/in-page";
import { pinned } from "./wrap.ts";

/** Addresses that are remembered each way: minting one takes about as long as setting ten attributes. */
const REMEMBERED = 2000;

/**
 * Between the addresses that a page means and those that its browser may ask for. The site's own are the same paths in the view's
 * origin; all others are minted. An address of the view's origin is one that a script made of `location`: it means the site's own.
 */
export class PageAddresses {
  readonly #config: HookConfig;
  readonly #real: URL;
  readonly #viewOrigin: string;
  readonly #minted = pinned(new Map<string, string>());
  readonly #opened = pinned(new Map<string, string>());

  /** @param viewOrigin of the label, as `location.origin`. */
  constructor(config: HookConfig, viewOrigin: string) {
    this.#config = config;
    this.#real = new URL(config.url);
    this.#viewOrigin = viewOrigin;
  }

  get config(): HookConfig {
    return this.#config;
  }

  /** Of the site. */
  get realOrigin(): string {
    return this.#real.origin;
  }

  /** Of the label. */
  get viewOrigin(): string {
    return this.#viewOrigin;
  }

  /** As the rewriter's, for markup and styles. @param viewBase as `baseURI`. */
  at(viewBase: string): Addresses {
    return addressesOf(
      { level: "standard", base: this.#base(viewBase), mint: (url, use) => this.#mint(url, use) },
      { data: WHAT_SCRIPTS_MAY },
    );
  }

  /** What a script asks for by itself; what is no web address stays as it is. */
  request(written: string, use: PageUse, viewBase: string): string {
    const trimmed = written.trim();
    const base = this.#base(viewBase);
    if (!URL.canParse(trimmed, base.href)) return written;
    const url = new URL(trimmed, base);
    if (!isWeb(url)) return written;
    url.username = "";
    url.password = "";
    const { hash } = url;
    url.hash = "";
    return this.#viewOrigin + this.#mint(url, use) + hash;
  }

  /** The address that is meant by one in the view; others stay. */
  toReal(viewHref: string): string {
    if (!URL.canParse(viewHref, this.#viewOrigin)) return viewHref;
    const url = new URL(viewHref, this.#viewOrigin);
    if (!isWeb(url) || url.origin !== this.#viewOrigin) return viewHref;
    if (url.pathname.startsWith(PAGE_TOKEN_PATH)) return this.#open(url);
    return isOwnPath(url.pathname) ? this.#real.origin + url.pathname + url.search + url.hash : viewHref;
  }

  /** A text with the addresses that were minted for it as they are meant. */
  restored(text: string): string {
    if (!text.includes(PAGE_TOKEN_PATH)) return text;
    return text.replace(MINTED, (found, origin: string | undefined) => {
      if (origin !== undefined && origin !== this.#viewOrigin) return found;
      const inView = new URL(found, this.#viewOrigin);
      const real = this.#open(inView);
      return real === inView.href ? found : real;
    });
  }

  /** As `toReal`, for what may be anything; the site's own stay as `location` has them, and compare with it. */
  shown(value: unknown): unknown {
    if (typeof value !== "string" || !value.includes(PAGE_TOKEN_PATH)) return value;
    return this.toReal(value);
  }

  /** @returns the address for a WebSocket, real, of `ws:` or `wss:`; undefined: it is none. */
  socket(written: string, viewBase: string): string | undefined {
    if (!URL.canParse(written, viewBase)) return undefined;
    const url = new URL(written, viewBase);
    if (url.hash !== "" || !/^(?:https?|wss?):$/.test(url.protocol)) return undefined;
    const isOwn = url.host === new URL(this.#viewOrigin).host;
    const secure = /^(?:https|wss):$/.test((isOwn ? this.#real : url).protocol);
    const host = isOwn ? this.#real.host : url.host;
    return `${secure ? "wss" : "ws"}://${host}${url.pathname}${url.search}`;
  }

  #mint(url: URL, use: UrlUse | PageUse): string {
    const isReal = url.origin === this.#real.origin;
    if (url.origin === this.#viewOrigin || (isReal && this.#standsForItself(url)))
      return url.pathname + url.search;
    const key = `${use} ${url.href}`;
    const known = this.#minted.get(key);
    if (known !== undefined) return known;
    // Too long an address is found nowhere.
    const minted =
      mintInPage(this.#config.key, { page: this.#config.page, use, url: url.href }) ?? PAGE_TOKEN_PATH;
    remember(this.#minted, key, minted);
    remember(this.#opened, minted, url.href);
    return minted;
  }

  /** Also what was minted before, and is given to us once more. */
  #standsForItself({ pathname }: URL): boolean {
    if (isOwnPath(pathname)) return true;
    const inView = new URL(pathname, this.#viewOrigin);
    return pathname.startsWith(PAGE_TOKEN_PATH) && this.#open(inView) !== inView.href;
  }

  #base(viewBase: string): URL {
    const base = this.toReal(viewBase);
    const url = URL.canParse(base) ? new URL(base) : this.#real;
    return isWeb(url) ? url : this.#real;
  }

  #open({ pathname, hash, href }: URL): string {
    const known = this.#opened.get(pathname);
    if (known !== undefined) return known + hash;
    const real = openMinted(this.#config.key, pathname.slice(PAGE_TOKEN_PATH.length))?.url;
    if (real === undefined) return href;
    remember(this.#opened, pathname, real);
    return real + hash;
  }
}

const MINTED = /(https?:\/\/[^\s/"'()<>]+)?\/~p\/[\w-]+/g;

function isWeb({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

function remember(map: Map<string, string>, key: string, value: string): void {
  if (map.size >= REMEMBERED) map.clear();
  map.set(key, value);
}
