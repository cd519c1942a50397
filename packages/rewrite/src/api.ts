/** What an address in a page is used for; the browser's request for it must be of that kind. */
export type UrlUse =
  "document" | "frame" | "form" | "image" | "media" | "track" | "style" | "font" | "script";

/** Where the addresses of a rewritten text lead. */
export interface Rewriting {
  readonly level: "safest" | "standard";
  /** What relative addresses are relative to. */
  readonly base: URL;
  /**
   * The address in the view that stands for `url`; always the same for the same. Called with `http:` and `https:` only.
   * Synchronous: a page has thousands.
   */
  readonly mint: (url: URL, use: UrlUse) => string;
}

export interface RewrittenHtml {
  readonly html: string;
  /** Text of the title, collapsed; empty if there is none. */
  readonly title: string;
  /** Icons that the page names, best first; not minted, as the frame never loads them itself. */
  readonly icons: readonly URL[];
  /** Where `<meta http-equiv=refresh>` would go, and after how many seconds. */
  readonly refresh: { readonly url: URL; readonly seconds: number } | undefined;
}
