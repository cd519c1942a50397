import type { Rewriting, UrlUse } from "./api.ts";
import { MAX_ADDRESS } from "./bounds.ts";

/** The addresses of one text: reads them as its author wrote them, and writes what the view shall ask for. */
export interface Addresses {
  /** What relative addresses are relative to: of the document, or its `<base>`. */
  readonly base: URL;
  /** @returns the address in the view, or undefined where there is none: the browser must not ask for this. */
  readonly rewrite: (written: string, use: UrlUse) => string | undefined;
  /** The web address that is meant, without user and password. */
  readonly resolve: (written: string) => URL | undefined;
  /** Every address that `rewrite` returned. */
  readonly written: ReadonlySet<string>;
}

/** Addresses that carry their own content. */
export type DataUrls = (address: string, use: UrlUse) => boolean;

/** Pictures that are no documents: SVG is one. */
const RASTER = /^data:image\/(?:png|apng|gif|jpe?g|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)[;,]/i;

/** @param options.base of `<base>`, if the document has one. */
export function addressesOf(
  rewriting: Rewriting,
  options: { readonly data: DataUrls; readonly base?: URL | undefined },
): Addresses {
  const written = new Set<string>();
  const base = options.base ?? rewriting.base;
  const keepsPaths = rewriting.level === "standard" && options.base === undefined;
  const remember = (address: string): string => {
    written.add(address);
    return address;
  };
  return {
    base,
    written,
    resolve: (text) => webAddress(text, base),
    rewrite: (text, use) => {
      const trimmed = trimAddress(text);
      if (isPassed(trimmed, use, options.data)) return remember(trimmed);
      const url = webAddress(trimmed, base);
      if (url === undefined) return undefined;
      const fragment = url.hash;
      url.hash = "";
      if (fragment !== "" && use === "document" && isSame(url, rewriting.base)) return remember(fragment);
      const minted = rewriting.mint(url, use);
      const isOwnPath = minted === url.pathname + url.search;
      return remember(keepsPaths && isOwnPath && isRelative(trimmed) ? trimmed : minted + fragment);
    },
  };
}

/** What may be shown without asking anybody, at Safest. */
export const RASTER_ONLY: DataUrls = (address, use) => use === "image" && RASTER.test(address);

/** At Standard scripts could make any of these themselves. */
export const WHAT_SCRIPTS_MAY: DataUrls = (address, use) => {
  switch (use) {
    case "image":
    case "media":
    case "font":
    case "track":
    case "script":
      return /^(?:data|blob):/i.test(address);
    case "frame":
      return /^(?:about:blank\b|blob:|javascript:)/i.test(address);
    case "document":
    case "form":
      return /^(?:javascript|mailto|tel|blob|data):/i.test(address);
    case "style":
      return false;
  }
};

function isPassed(address: string, use: UrlUse, data: DataUrls): boolean {
  // All others cannot be relative and of these schemes.
  return /^[abdjmt]/i.test(address) && data(address, use);
}

function webAddress(text: string, base: URL): URL | undefined {
  if (text.length > MAX_ADDRESS || !URL.canParse(text, base.href)) return undefined;
  const url = new URL(text, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  url.username = "";
  url.password = "";
  return url;
}

/** What the URL standard takes away before it looks: controls at the ends, tabs and line ends anywhere. */
function trimAddress(text: string): string {
  const trimmed = text.replace(/^[\0-\x20]+/, "");
  return withoutEnd(trimmed).replace(/[\t\n\r]/g, "");
}

/** A regular expression for the end would try at every blank of a long run of them. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(0, end);
}

function isRelative(text: string): boolean {
  return !/^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(text);
}

function isSame(url: URL, document: URL): boolean {
  return (
    url.origin === document.origin && url.pathname === document.pathname && url.search === document.search
  );
}
