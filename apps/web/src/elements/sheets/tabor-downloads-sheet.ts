import type { Download } from "@tabor/browsing";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { bytesText } from "../../browsing/bytes-text.ts";
import { isOver } from "../../browsing/downloads.ts";
import { explain } from "@tabor/browsing/explain";
import { hostOf } from "../../browsing/typed-address.ts";
import { shared } from "../../styles/shared.ts";
import { InSession } from "../in-session.ts";
import { sheetStyles } from "./sheet-styles.ts";

/** Files: offered, on their way, here, or why not. */
@customElement("tabor-downloads-sheet")
export class TaborDownloadsSheet extends LitElement {
  static override readonly styles = [
    shared,
    sheetStyles,
    css`
      ul {
        list-style: none;
        display: grid;
        gap: var(--tabor-space-4);
      }
      li {
        display: grid;
        gap: var(--tabor-space-2);
        padding-bottom: var(--tabor-space-4);
        border-bottom: 1px solid var(--tabor-line);
      }
      strong {
        overflow-wrap: anywhere;
      }
      .amount {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  readonly #in = new InSession(this);

  override render(): TemplateResult | typeof nothing {
    const downloads = this.#in.value?.downloads ?? [];
    if (downloads.length === 0)
      return html`<p>Nothing has been downloaded in this session.</p>
        <p class="soft small">
          Files are offered here when a site sends one, and never saved by themselves.
        </p>`;
    return html`
      <ul aria-label="Downloads">
        ${downloads.map((download) => this.#item(download))}
      </ul>
      <p class="soft small">
        A file can go to the network without Tabor when you open it. Be careful with documents and programs.
      </p>
      ${
        downloads.some(isOver)
          ? html`<div class="row">
              <button type="button" @click=${() => this.#in.session?.clearDownloads()}>
                Clear what is over
              </button>
            </div>`
          : nothing
      }
    `;
  }

  #item(download: Download): TemplateResult {
    const { state, fileName, url } = download;
    return html`<li data-testid="download" data-state=${state.name}>
      <div>
        <strong>${fileName}</strong>
        <p class="soft small">from ${hostOf(url)}</p>
      </div>
      ${this.#state(download)}
    </li>`;
  }

  #state({ id, state, type, total, received }: Download): TemplateResult {
    const size = total === undefined ? "size unknown" : bytesText(total);
    switch (state.name) {
      case "offered":
        return html`<p class="small">${size}${type === "" ? "" : `, ${type}`}</p>
          <div class="row">
            <button class="primary" type="button" data-testid="accept" @click=${this.#act(id, "accept")}>
              Save
            </button>
            <button type="button" data-testid="decline" @click=${this.#act(id, "cancel")}>Do not save</button>
          </div>`;
      case "running":
        return html`${
            total === undefined
              ? html`<progress aria-label="Received"></progress>`
              : html`<progress aria-label="Received" max=${Math.max(total, 1)} .value=${received}></progress>`
          }
          <div class="row">
            <span class="small amount">${bytesText(received)} of ${size}</span>
            <button type="button" data-testid="cancel" @click=${this.#act(id, "cancel")}>Cancel</button>
          </div>`;
      case "done":
        return html`<p class="small good">Saved, ${bytesText(received)}</p>`;
      case "failed": {
        const { title, where } = explain(state.error);
        const stopped = state.error.code === "aborted";
        return html`<p class="small bad">${stopped ? "Cancelled" : `${title}, ${where}`}</p>`;
      }
    }
  }

  #act(id: Download["id"], action: "accept" | "cancel"): () => void {
    return () => this.#in.session?.download(id, action);
  }
}
