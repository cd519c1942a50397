import type { Random } from "@tabor/onion-core";
import type { UrlUse } from "@tabor/rewrite";
import { firstPartySite } from "../fetching/first-party.ts";
import { bareUrl } from "../view/http-url.ts";
import { Tokens, type TokenContent } from "../view/tokens.ts";
import { isTopUse, type ViewUse } from "../view/uses.ts";

/** Where the view's tokens live. */
const PREFIX = "/~v/";
/** Stands for an address that is too long: no token, so nothing is loaded. */
const NOWHERE = `${PREFIX}-`;

/** A document, sheet or frame that names addresses. */
export interface Asker {
  /** The number of its tab. */
  readonly tab: number;
  readonly url: URL;
  /** Where the view shows it, if asking there again gives the same; fragments then stay within the page. */
  readonly address: string | undefined;
  readonly firstParty: string;
  /** Whether it is in a frame of a page, and not a tab's page itself. */
  readonly isFrame: boolean;
}

/** Makes addresses of the view, and opens them; all of one identity. */
export class Addresses {
  readonly #tokens: Tokens;

  constructor(random: Random) {
    this.#tokens = new Tokens(random);
  }

  open(token: string): TokenContent | undefined {
    return this.#tokens.open(token);
  }

  /** What an address of the view stands for, in a page of this tab, with its fragment; undefined: nothing. */
  named(tab: number, { pathname, hash }: URL): string | undefined {
    const content = pathname.startsWith(PREFIX) ? this.open(pathname.slice(PREFIX.length)) : undefined;
    return content?.tab === tab ? content.url.href + hash : undefined;
  }

  /** For the address bar. */
  typed(tab: number, url: URL): string {
    const firstParty = firstPartySite(url);
    return this.#address({ tab, use: "document", firstParty, initiator: undefined, via: [], url, lead: 1 });
  }

  /** For what a page leads to, and is to be shown as the tab's lead of this number. */
  led(content: TokenContent, url: URL, lead: number): string {
    return this.#address({ ...content, url, lead });
  }

  /** What a redirect of `from` leads to; the fragment is kept. */
  redirected(from: TokenContent, url: URL, use: ViewUse): string {
    const via = [...from.via, from.url].map(originOf);
    const firstParty = isTopUse(use) ? firstPartySite(url) : from.firstParty;
    return this.#address({ ...from, use, firstParty, via, url });
  }

  /** For an address that `asker` names; the fragment is the caller's to add. */
  mint(asker: Asker, url: URL, use: UrlUse): string {
    if (use === "document" && asker.address !== undefined && url.href === bareUrl(asker.url).href) {
      return asker.address;
    }
    const inFrame = asker.isFrame ? framed(use) : use;
    const firstParty = isTopUse(inFrame) ? firstPartySite(url) : asker.firstParty;
    const initiator = url.origin === asker.url.origin ? bareUrl(asker.url) : originOf(asker.url);
    return this.#address({ tab: asker.tab, use: inFrame, firstParty, initiator, via: [], url, lead: 0 });
  }

  #address(content: TokenContent): string {
    const token = this.#tokens.seal({ ...content, url: bareUrl(content.url) });
    return token === undefined ? NOWHERE : `${PREFIX}${token}${content.url.hash}`;
  }
}

/** Others are told no more of a page than where it is from (Referrer Policy, "strict-origin-when-cross-origin"). */
function originOf(url: URL): URL {
  return new URL("/", url);
}

/** What a document in a frame leads to stays in the frame. */
function framed(use: UrlUse): ViewUse {
  if (use === "document") return "frame";
  return use === "form" ? "frame-form" : use;
}
