/** What a document's hooks are told; JSON in the `data-tabor` of their `<script>`. The document's own scripts may read it. */
export interface HookConfig {
  /** The document's real address, without fragment. */
  readonly url: string;
  /** Names the document to the engine, which alone knows its tab; in whatever the hooks mint and say. */
  readonly page: number;
  /** `PAGE_KEY_LENGTH` bytes in base64url, under which the pages of this label mint. */
  readonly key: string;
  /** What scripts see of the document's cookies, as `document.cookie` gives them. */
  readonly cookie: string;
  /** As `document.referrer`: an address, or empty. */
  readonly referrer: string;
  /** The User-Agent that sites are sent. */
  readonly userAgent: string;
  /** The languages that sites are sent, the preferred one first. */
  readonly languages: readonly string[];
  /** Whether it is in a frame of a page, and not a tab's page itself. */
  readonly isFrame: boolean;
  /** Other windows of the page: at which origin of the view which origin of the web is shown. */
  readonly met: readonly (readonly [view: string, origin: string])[];
}

/** Of AES-256-SIV. */
export const PAGE_KEY_LENGTH = 64;

/** Of our own files and of tokens; a site's own path that begins so does not stand for itself, but is minted. */
const RESERVED = "/~";

/** Where what a page minted for itself is found: this, and the token. */
export const PAGE_TOKEN_PATH = "/~p/";

/** The hooks' script. Under `/assets/` it would stand in the way of sites that have one. */
export const HOOKS_PATH = "/~a/hooks.js";

/** Whether a path of the label's origin can stand for the same path of the site. */
export function isOwnPath(pathname: string): boolean {
  return !pathname.startsWith(RESERVED);
}
