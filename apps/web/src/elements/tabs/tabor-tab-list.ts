import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { addressOf, tabTitle, type Tab } from "../../browsing/tab.ts";
import { shownAddress } from "../../browsing/typed-address.ts";
import { shared } from "../../styles/shared.ts";
import { asks, SheetClosedEvent } from "../commands.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";
import { listStyles } from "./styles.ts";
import { tabIcon } from "./tab-icon.ts";

/**
 * All tabs as a list, where there is no room for a row of them.
 *
 * @fires sheet-closed - A tab was chosen.
 */
@customElement("tabor-tab-list")
export class TaborTabList extends LitElement {
  static override readonly styles = [shared, listStyles];

  readonly #in = new InSession(this);

  override render(): TemplateResult | typeof nothing {
    const { value } = this.#in;
    if (value === undefined) return nothing;
    return html`
      <ul aria-label="Tabs">
        ${value.tabs.map((tab) => this.#item(tab, tab.id === this.#in.tab?.id))}
      </ul>
      <button class="primary" type="button" data-testid="list-new-tab" @click=${asks("new-tab")}>
        New tab
      </button>
    `;
  }

  #item(tab: Tab, active: boolean): TemplateResult {
    const title = tabTitle(tab);
    return html`<li ?data-active=${active}>
      <button
        class="open"
        type="button"
        data-testid="list-tab"
        aria-current=${active ? "page" : "false"}
        @click=${() => {
          this.#in.session?.activate(tab.id);
          this.dispatchEvent(new SheetClosedEvent());
        }}
      >
        ${tabIcon(tab)}
        <span class="words"
          ><span class="title">${title}</span>
          <span class="address soft small">${shownAddress(addressOf(tab))}</span></span
        >
      </button>
      <button
        class="icon"
        type="button"
        aria-label="Close ${title}"
        data-testid="list-close-tab"
        @click=${() => this.#in.session?.closeTab(tab.id)}
      >
        ${icons.stop}
      </button>
    </li>`;
  }
}
