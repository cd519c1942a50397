import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { isWaiting } from "../../browsing/downloads.ts";
import { shared } from "../../styles/shared.ts";
import { asks, type FrameCommand } from "../commands.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";
import { Watched } from "../watched.ts";
import { sheetStyles } from "./sheet-styles.ts";

/** Everything that can be asked of the frame, by name. */
@customElement("tabor-menu-sheet")
export class TaborMenuSheet extends LitElement {
  static override readonly styles = [
    shared,
    sheetStyles,
    css`
      :host {
        gap: var(--tabor-space-2);
      }
      ul + ul,
      .zoom + ul,
      .zoom {
        border-top: 1px solid var(--tabor-line);
        padding-top: var(--tabor-space-2);
      }
      li svg {
        color: var(--tabor-ink-soft);
      }
      .zoom {
        display: flex;
        align-items: center;
        gap: var(--tabor-space-1);
        padding-inline-start: var(--tabor-space-2);
      }
      .zoom span {
        flex: 1;
      }
      .zoom .percent {
        min-width: 4.5rem;
        padding: 0 var(--tabor-space-2);
        border-color: transparent;
        font-variant-numeric: tabular-nums;
      }
      .count {
        margin-inline-start: auto;
        color: var(--tabor-accent);
      }
    `,
  ];

  readonly #in = new InSession(this);
  readonly #membership = new Watched(this, ({ membership }) => membership.state);

  override render(): TemplateResult | typeof nothing {
    const { tab, value } = this.#in;
    if (tab === undefined || value === undefined) return nothing;
    const isPage = tab.page.kind === "document";
    const waiting = value.downloads.filter(isWaiting).length;
    return html`
      <ul class="rows">
        ${item("new-tab", "New tab", icons.add)} ${item("close-tab", "Close this tab", icons.stop)}
        ${item("new-identity", "New identity", icons.identity)}
      </ul>
      <ul class="rows">
        ${isPage ? item("find", "Find in the page", icons.find) : nothing}
        ${item("downloads", "Downloads", icons.download, waiting)}
        ${item("site-information", "About this site", icons.circuit)}
        ${item("level", `Security level: ${tab.level === "safest" ? "Safest" : "Standard"}`, icons.shield)}
      </ul>
      ${isPage ? this.#zoom(tab.zoom) : nothing}
      <ul class="rows">
        ${item("network", "Network", icons.page)}
        ${this.#membership.value?.standing === "open" ? nothing : item("membership", "Membership", icons.key)}
        ${item("volunteer", "Volunteer", icons.volunteer)}
        ${item("shortcuts", "Keyboard shortcuts", icons.keyboard)}
        ${item("about", "About Tabor", icons.about)}
      </ul>
    `;
  }

  #zoom(factor: number): TemplateResult {
    const { session } = this.#in;
    return html`<div class="zoom" role="group" aria-label="Size of the page">
      <span>Size</span>
      <button class="icon" type="button" aria-label="Smaller" @click=${() => session?.zoom("out")}>
        ${icons.less}
      </button>
      <button
        class="percent"
        type="button"
        data-testid="zoom"
        title="Usual size"
        @click=${() => session?.zoom("reset")}
      >
        ${Math.round(factor * 100)} %
      </button>
      <button class="icon" type="button" aria-label="Larger" @click=${() => session?.zoom("in")}>
        ${icons.add}
      </button>
    </div>`;
  }
}

function item(command: FrameCommand, label: string, icon: TemplateResult, count = 0): TemplateResult {
  return html`<li>
    <button type="button" data-testid="menu-${command}" @click=${asks(command)}>
      ${icon}<span>${label}</span> ${count === 0 ? nothing : html`<span class="count">${count}</span>`}
    </button>
  </li>`;
}
