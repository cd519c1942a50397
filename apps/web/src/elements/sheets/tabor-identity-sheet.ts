import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { isOver } from "../../browsing/downloads.ts";
import { shared } from "../../styles/shared.ts";
import { SheetClosedEvent } from "../commands.ts";
import { InSession } from "../in-session.ts";
import { sheetStyles } from "./sheet-styles.ts";

/**
 * What is lost with a new identity, before it is.
 *
 * @fires sheet-closed - It was decided, one way or the other.
 */
@customElement("tabor-identity-sheet")
export class TaborIdentitySheet extends LitElement {
  static override readonly styles = [
    shared,
    sheetStyles,
    css`
      ul {
        display: grid;
        gap: var(--tabor-space-1);
        padding-inline-start: 1.1rem;
      }
    `,
  ];

  readonly #in = new InSession(this);

  override render(): TemplateResult | typeof nothing {
    const { value } = this.#in;
    if (value === undefined) return nothing;
    const { length } = value.tabs;
    const running = value.downloads.filter((download) => !isOver(download)).length;
    return html`
      <p>To sites you will be somebody new. This is lost at once, and cannot be brought back:</p>
      <ul>
        <li>
          ${
            length === 1
              ? "the tab that is open, and what you typed in it"
              : `all ${String(length)} tabs, and what you typed in them`
          }
        </li>
        <li>cookies, and with them every login</li>
        <li>the addresses of this session, and what was kept of pages</li>
        ${
          running === 0
            ? nothing
            : html`<li>${running === 1 ? "a download" : `${String(running)} downloads`} not finished yet</li>`
        }
      </ul>
      <p class="soft small">
        All circuits are new afterwards. The guard stays: changing it often would make it easier to find you.
        Files you have saved stay.
      </p>
      <div class="row">
        <button class="primary" type="button" data-testid="confirm-identity" @click=${this.#confirm}>
          New identity
        </button>
        <button type="button" @click=${this.#close}>Keep everything</button>
      </div>
    `;
  }

  readonly #confirm = (): void => {
    this.#in.session?.newIdentity();
    this.#close();
  };

  readonly #close = (): void => {
    this.dispatchEvent(new SheetClosedEvent());
  };
}
