import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";
import { isBusy, tabTitle, type Tab } from "../../browsing/tab.ts";
import { shared } from "../../styles/shared.ts";
import { asks } from "../commands.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";
import { stripStyles } from "./styles.ts";
import { tabIcon } from "./tab-icon.ts";

/**
 * The row of tabs (ARIA APG, Tabs): arrows go along it, Delete closes, Control and Shift with an arrow moves. The
 * crosses are for pointers; by keyboard and for screen readers there is Delete, and the menu.
 */
@customElement("tabor-tab-strip")
export class TaborTabStrip extends LitElement {
  static override readonly styles = [shared, stripStyles];

  readonly #in = new InSession(this);
  #shown = "";

  override updated(_changed: PropertyValues): void {
    const active = this.#in.tab?.id ?? "";
    if (active === this.#shown) return;
    this.#shown = active;
    this.#tab(active)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  override render(): TemplateResult | typeof nothing {
    const { value, tab: active } = this.#in;
    if (value === undefined) return nothing;
    return html`
      <div class="row" role="tablist" aria-label="Tabs" @keydown=${this.#keyed}>
        ${repeat(
          value.tabs,
          ({ id }) => id,
          (tab) => this.#item(tab, tab.id === active?.id),
        )}
      </div>
      <button
        class="icon"
        type="button"
        aria-label="New tab"
        title="New tab"
        data-testid="new-tab"
        @click=${asks("new-tab")}
      >
        ${icons.add}
      </button>
    `;
  }

  #item(tab: Tab, active: boolean): TemplateResult {
    const title = tabTitle(tab);
    return html`<div role="presentation" class=${classMap({ item: true, active })}>
      <button
        type="button"
        role="tab"
        id=${tab.id}
        data-testid="tab"
        aria-selected=${active ? "true" : "false"}
        tabindex=${active ? 0 : -1}
        title=${title}
        @click=${() => this.#in.session?.activate(tab.id)}
        @auxclick=${(event: MouseEvent) => {
          if (event.button === 1) this.#in.session?.closeTab(tab.id);
        }}
      >
        ${tabIcon(tab)}<span class="title">${title}</span>
        ${isBusy(tab) ? html`<span class="hidden-visually">, loading</span>` : nothing}
      </button>
      <button
        type="button"
        class="icon close"
        tabindex="-1"
        aria-hidden="true"
        title="Close"
        data-testid="close-tab"
        @click=${() => this.#in.session?.closeTab(tab.id)}
      >
        ${icons.stop}
      </button>
    </div>`;
  }

  readonly #keyed = (event: KeyboardEvent): void => {
    const { session, tab } = this.#in;
    if (session === undefined || tab === undefined || event.altKey || event.metaKey) return;
    const by = STEPS[event.key];
    if (by !== undefined && event.ctrlKey === event.shiftKey) {
      if (event.ctrlKey) session.move(tab.id, by);
      else session.step(by);
    } else if (event.key === "Delete") session.closeTab(tab.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
    void this.updateComplete.then(() => this.#tab(session.tab.id)?.focus());
  };

  #tab(id: string): HTMLElement | null {
    return this.renderRoot.querySelector(`#${CSS.escape(id)}`);
  }
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
