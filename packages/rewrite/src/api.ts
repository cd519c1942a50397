/** What an address in a page is used for; the browser's request for it must be of that kind. */
export type UrlUse =
  "document" | "frame" | "form" | "image" | "media" | "track" | "style" | "font" | "script";

/** Where the addresses of a rewritten text lead. */
export interface Rewriting {
  /**
   * `safest`: an allow-list; nothing acts by itself. `standard`: the page as it is, with its scripts, but for its addresses; there the
   * view's headers keep it in, not this package.
   */
  readonly level: "safest" | "standard";
  /** Address of the text itself; what its relative addresses are relative to, but for `<base>`. */
  readonly base: URL;
  /**
   * The address in the view that stands for `url`; always the same for the same. Called with `http:` and `https:` only, and never with a
   * fragment, user or password: the fragment is put behind what is returned. At Standard an address of the document's own origin may be
   * returned as its path and query; it is then left as the page wrote it.
   * Synchronous: a page has thousands.
   */
  readonly mint: (url: URL, use: UrlUse) => string;
  /** Markup that stands first in the head of an HTML document, and of those within it. */
  readonly head?: string | undefined;
  /** Character encoding of an HTML document as it came (WHATWG name): its forms are sent in it. */
  readonly charset?: string | undefined;
}

export interface RewrittenHtml {
  /** A whole document, to be served as UTF-8. */
  readonly html: string;
  /** Text of the title, collapsed; empty if there is none. */
  readonly title: string;
  /** Icons that the page names, best first; not minted, as the frame never loads them itself. */
  readonly icons: readonly URL[];
  /** Where `<meta http-equiv=refresh>` would go, and after how many seconds. Safest only: at Standard the page goes by itself. */
  readonly refresh: { readonly url: URL; readonly seconds: number } | undefined;
  /** The page was longer, deeper or of more parts than is shown; its end is missing. */
  readonly cut: boolean;
}
