import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import type { DocumentPage } from "../../browsing/page.ts";
import { followable, LINK_ATTRIBUTE } from "../../clean/link-address.ts";
import { LinkFollowedEvent, LinkPointedEvent } from "../events.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { frameStyles } from "./styles.ts";

/**
 * Shows a cleaned document in a frame that runs no scripts and sends nothing. The frame may not navigate: its links
 * have no address that the browser knows, and are followed by the listeners set here.
 *
 * @fires link-followed - A link was clicked, or chosen by keyboard.
 * @fires link-pointed - A link has the pointer or the focus, or no longer.
 */
@customElement("tabor-page-frame")
export class TaborPageFrame extends LitElement {
  static override readonly styles = frameStyles;

  @property({ attribute: false }) page: DocumentPage | undefined;

  override render(): TemplateResult | typeof nothing {
    if (this.page === undefined) return nothing;
    // A fresh frame for each page: the browser's own history stays out of it, and so does everything of the last page.
    return html`${keyed(
      this.page,
      html`<iframe
        data-testid="page-frame"
        title=${this.page.title === "" ? "Page" : this.page.title}
        sandbox="allow-same-origin"
        referrerpolicy="no-referrer"
        allow=""
        .srcdoc=${this.page.html}
        @load=${this.#loaded}
      ></iframe>`,
    )}`;
  }

  #loaded(event: Event): void {
    const frame = event.currentTarget as HTMLIFrameElement;
    const inner = frame.contentDocument;
    if (inner === null) return;
    dress(frame, inner);
    inner.addEventListener("click", this.#clicked);
    inner.addEventListener("keydown", this.#keyed);
    inner.addEventListener("pointerover", this.#pointed);
    inner.addEventListener("focusin", this.#pointed);
    inner.addEventListener("pointerleave", this.#left);
    inner.addEventListener("focusout", this.#left);
    this.#scrollTo(inner, this.page?.url.hash ?? "");
  }

  readonly #clicked = (event: MouseEvent): void => {
    const url = linkAt(event);
    if (url === undefined) return;
    event.preventDefault();
    this.#follow(url, event.view?.document);
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    const url = event.key === "Enter" ? linkAt(event) : undefined;
    if (url !== undefined) this.#follow(url, event.view?.document);
  };

  readonly #pointed = (event: Event): void => {
    this.dispatchEvent(new LinkPointedEvent(linkAt(event)));
  };

  readonly #left = (): void => {
    this.dispatchEvent(new LinkPointedEvent(undefined));
  };

  #follow(url: URL, inner: Document | undefined): void {
    if (inner !== undefined && this.page !== undefined && isSamePage(url, this.page.url)) {
      this.#scrollTo(inner, url.hash);
    } else {
      this.dispatchEvent(new LinkFollowedEvent(url));
    }
  }

  #scrollTo(inner: Document, hash: string): void {
    if (hash === "") return;
    inner.getElementById(fragmentOf(hash))?.scrollIntoView();
  }
}

/** Our style for all pages. A sheet made by the frame's own window: policies against inline styles leave it alone. */
function dress(frame: HTMLIFrameElement, inner: Document): void {
  const realm = frame.contentWindow as (Window & typeof globalThis) | null;
  if (realm === null) return;
  const sheet = new realm.CSSStyleSheet();
  sheet.replaceSync(PAGE_STYLE);
  inner.adoptedStyleSheets = [sheet];
}

/** The address of the link that an event happened in; checked again, for the frame's document is the site's. */
function linkAt(event: Event): URL | undefined {
  const target = event.target as Partial<Element> | null;
  const text = target?.closest?.(`[${LINK_ATTRIBUTE}]`)?.getAttribute(LINK_ATTRIBUTE);
  return typeof text === "string" && URL.canParse(text) ? followable(text, new URL(text)) : undefined;
}

function isSamePage(a: URL, b: URL): boolean {
  return a.hash !== "" && a.href.split("#")[0] === b.href.split("#")[0];
}

function fragmentOf(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}
