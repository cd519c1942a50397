import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { BrowserState } from "../../browsing/browser.ts";
import type { Page } from "../../browsing/page.ts";
import { bytesText } from "../../browsing/bytes-text.ts";
import { shared } from "../../styles/shared.ts";
import type { LinkFollowedEvent, LinkPointedEvent } from "../events.ts";
import { WatchedPage } from "../watched.ts";
import { announcement } from "./announcement.ts";
import { styles } from "./styles.ts";
import "../connection/tabor-connection.ts";
import "./tabor-page-frame.ts";
import "./tabor-welcome.ts";

/** What was asked for: the page, its loading, or why there is none. */
@customElement("tabor-page-view")
export class TaborPageView extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #browser = new WatchedPage(this, ({ browser }) => browser.state);

  @state() private pointed: URL | undefined;
  #focused: Page["kind"] = "blank";

  /** Whoever cannot see that an error has come is taken to it. */
  override updated(_changed: PropertyValues): void {
    const kind = this.#browser.value?.page.kind ?? "blank";
    if (kind === this.#focused) return;
    this.#focused = kind;
    this.renderRoot.querySelector<HTMLElement>("[data-focus]")?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const state = this.#browser.value;
    if (state === undefined) return nothing;
    return html`
      <p class="hidden-visually" role="status" data-testid="announcement">${announcement(state.page)}</p>
      ${this.#notice(state)}
      <div class="area" data-testid="page" data-kind=${state.page.kind}>${this.#page(state.page)}</div>
      ${this.pointed === undefined ? nothing : html`<p class="pointed small">${this.pointed.href}</p>`}
    `;
  }

  #notice({ notice }: BrowserState): TemplateResult {
    return html`<div role="status" class="notice-place">
      ${
        notice === undefined
          ? nothing
          : html`<div class="notice">
              <p data-testid="notice">${notice}</p>
              <button type="button" @click=${() => this.#browser.services?.browser.dismissNotice()}>
                Got it
              </button>
            </div>`
      }
    </div>`;
  }

  #page(page: Page): TemplateResult {
    switch (page.kind) {
      case "blank":
        return html`<tabor-welcome></tabor-welcome>`;
      case "loading":
        return progressCard(`Loading ${page.url.host}`, page.progress, () =>
          this.#browser.services?.browser.stop(),
        );
      case "saving":
        return progressCard(`Saving ${page.fileName}`, page.progress, () =>
          this.#browser.services?.browser.stop(),
        );
      case "document":
        return html`<tabor-page-frame
          .page=${page}
          @link-followed=${this.#follow}
          @link-pointed=${this.#point}
        ></tabor-page-frame>`;
      case "offer":
        return this.#offer(page);
      case "saved":
        return card(
          "Saved",
          html`<p>${page.fileName}, ${bytesText(page.length)}, is with your downloads.</p>
            <p class="soft">
              Files can talk to the network without Tabor when you open them. Be careful with documents and
              programs.
            </p>`,
        );
      case "needs-tls":
        return this.#needsTls(page);
      case "unsupported":
        return card(
          "Tabor opens web addresses only",
          html`<p>
            Addresses that begin with <code>${page.url.protocol}</code> are for other programs. Nothing was
            sent.
          </p>`,
        );
      case "failed":
        return this.#failed(page);
    }
  }

  #offer(page: Page & { kind: "offer" }): TemplateResult {
    const size = page.length === undefined ? "of unknown size" : bytesText(page.length);
    return card(
      "This is a file to save",
      html`<p><strong data-testid="file-name">${page.fileName}</strong>, ${size}</p>
        <p class="soft">
          From ${page.url.host}, described as ${page.type === "" ? "nothing in particular" : page.type}. Tabor
          does not show such files.
        </p>
        <div class="row">
          <button class="primary" data-testid="save" @click=${() => this.#browser.services?.browser.save()}>
            Save the file
          </button>
        </div>`,
    );
  }

  #needsTls({ url, insecure }: Page & { kind: "needs-tls" }): TemplateResult {
    const offer = html`<p class="soft">
        Without https, the exit and everybody between it and the site can read and change the page. Never type
        anything secret there.
      </p>
      <div class="row">
        <button
          data-testid="try-http"
          @click=${() => insecure && this.#browser.services?.browser.open(insecure)}
        >
          Try ${insecure?.host ?? ""} over http
        </button>
      </div>`;
    const none = html`<p class="soft">The site sends everybody who comes over http to https.</p>`;
    return card(
      "Tabor cannot open https yet",
      html`<p>
          ${url.host} is a secure (https) address. Tabor will speak TLS from within this tab in a coming
          version; until then it opens <code>http:</code> addresses only. Nothing was sent to this address.
        </p>
        ${insecure === undefined ? none : offer}`,
    );
  }

  #failed({ url, explanation }: Page & { kind: "failed" }): TemplateResult {
    const { title, where, advice, detail } = explanation;
    return card(
      title,
      html`<dl>
          <div>
            <dt>Where</dt>
            <dd data-testid="error-where">${where}</dd>
          </div>
          <div>
            <dt>What to do</dt>
            <dd>${advice}</dd>
          </div>
          <div>
            <dt>In the program's words</dt>
            <dd class="soft">${detail}</dd>
          </div>
        </dl>
        <div class="row">
          <button
            class="primary"
            data-testid="again"
            @click=${() => this.#browser.services?.browser.open(url)}
          >
            Try again
          </button>
        </div>`,
    );
  }

  #follow({ url }: LinkFollowedEvent): void {
    this.pointed = undefined;
    this.#browser.services?.browser.open(url);
  }

  #point({ url }: LinkPointedEvent): void {
    this.pointed = url;
  }
}

function card(title: string, content: TemplateResult): TemplateResult {
  return html`<section class="card stack">
    <h2 tabindex="-1" data-focus data-testid="page-title">${title}</h2>
    ${content}
  </section>`;
}

function progressCard(
  title: string,
  { sentence, received, total }: (Page & { kind: "loading" })["progress"],
  stop: () => void,
): TemplateResult {
  const bar =
    received === undefined || total === undefined
      ? html`<progress aria-label=${title}></progress>`
      : html`<progress aria-label=${title} max=${Math.max(total, 1)} .value=${received}></progress>`;
  return html`<section class="card stack">
    <h2>${title}</h2>
    ${bar}
    <p class="soft" data-testid="progress">${sentence}</p>
    <div class="row"><button type="button" data-testid="stop" @click=${stop}>Stop</button></div>
  </section>`;
}
