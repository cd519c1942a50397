import type { Random } from "@tabor/onion-core";
import type { UrlUse } from "@tabor/rewrite";
import { firstPartySite } from "../fetching/first-party.ts";
import { bareUrl } from "../view/http-url.ts";
import { Tokens, type TokenContent } from "../view/tokens.ts";
import { isTopUse, type ViewUse } from "../view/uses.ts";
import type { Asker, Place } from "./place.ts";
import type { ViewRequest } from "./view-answer.ts";

/** Where the view's tokens live. */
const PREFIX = "/~v/";
/** Stands for an address that is too long: no token, so nothing is loaded. */
const NOWHERE = `${PREFIX}-`;

/** Makes addresses of the view's one origin, for Safest, and opens them; all of one identity. */
export class Addresses implements Place {
  readonly level = "safest";
  readonly #tokens: Tokens;
  readonly #viewOrigin: string;

  /** @param viewOrigin "https://view.example.org" */
  constructor(random: Random, viewOrigin: string) {
    this.#tokens = new Tokens(random);
    this.#viewOrigin = viewOrigin;
  }

  shows(): boolean {
    return true;
  }

  /** All is shown here. */
  framed(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  ancestorsOf(): readonly URL[] {
    return [];
  }

  headOf(): undefined {
    return undefined;
  }

  /** @param path without its query. */
  openPath(path: string): TokenContent | undefined {
    return path.startsWith(PREFIX) ? this.#tokens.open(path.slice(PREFIX.length)) : undefined;
  }

  /** What an address of the view stands for, in a page of this tab, with its fragment; undefined: nothing. */
  named(tab: number, { pathname, hash }: URL): string | undefined {
    const content = this.openPath(pathname);
    return content?.tab === tab ? content.url.href + hash : undefined;
  }

  led(content: TokenContent, url: URL, lead: number): string {
    return this.#viewOrigin + this.#address({ ...content, url, lead });
  }

  redirected({ content: from }: ViewRequest, url: URL, use: ViewUse): string {
    const via = [...from.via, from.url].map(originOf);
    const firstParty = isTopUse(use) ? firstPartySite(url) : from.firstParty;
    return this.#address({ ...from, use, firstParty, via, url });
  }

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
