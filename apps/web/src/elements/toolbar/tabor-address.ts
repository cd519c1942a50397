import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { addressOf } from "../../browsing/tab.ts";
import { shownAddress } from "../../browsing/typed-address.ts";
import type { Suggestion } from "../../browsing/visits.ts";
import { shared } from "../../styles/shared.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";
import { addressStyles } from "./styles.ts";

/** The address went somewhere: whoever typed it wants to see the page now. */
export class AddressGoneEvent extends Event {
  static readonly type = "address-gone";

  constructor() {
    super(AddressGoneEvent.type, { bubbles: true, composed: true });
  }
}

/**
 * The address: a combobox with what was visited in this session (ARIA APG, Combobox with list autocomplete, manual
 * selection). What is typed is an address or refused: nothing is searched for.
 *
 * @fires address-gone - An address was chosen.
 */
@customElement("tabor-address")
export class TaborAddress extends LitElement {
  static override readonly styles = [shared, addressStyles];

  readonly #in = new InSession(this);

  @state() private why = "";
  @state() private edited = false;
  @state() private found: readonly Suggestion[] = [];
  /** Which suggestion is pointed out; -1: none. */
  @state() private chosen = -1;
  /** Of which tab and what is in the field, unless the person types. */
  #shown = "";

  private get input(): HTMLInputElement | null {
    return this.renderRoot.querySelector("input");
  }

  override focus(): void {
    this.input?.focus();
    this.input?.select();
  }

  override updated(): void {
    const { tab } = this.#in;
    if (tab === undefined || this.input === null) return;
    const shown = `${tab.id} ${addressOf(tab)}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#revert();
  }

  override render(): TemplateResult | typeof nothing {
    if (this.#in.value === undefined) return nothing;
    const open = this.found.length > 0;
    return html`
      <form role="search" aria-label="Address" @submit=${this.#submit}>
        <slot name="before"></slot>
        <label class="hidden-visually" for="address">Address of a site</label>
        <input
          id="address"
          data-testid="address"
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded=${open ? "true" : "false"}
          aria-controls="suggestions"
          aria-activedescendant=${this.chosen < 0 ? nothing : `suggestion-${String(this.chosen)}`}
          aria-invalid=${this.why === "" ? "false" : "true"}
          aria-describedby="why"
          inputmode="url"
          placeholder="Address of a site"
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck="false"
          enterkeyhint="go"
          @focus=${() => this.input?.select()}
          @blur=${this.#close}
          @input=${this.#typed}
          @keydown=${this.#keyed}
        />
        <button
          class="icon"
          type="submit"
          aria-label="Go"
          title="Go"
          data-testid="go"
          ?hidden=${!this.edited}
          @pointerdown=${keepFocus}
        >
          ${icons.go}
        </button>
        <slot name="after"></slot>
      </form>
      <ul id="suggestions" role="listbox" aria-label="From this session" ?hidden=${!open}>
        ${this.found.map((suggestion, index) => this.#option(suggestion, index))}
      </ul>
      <p id="why" role="alert" class="small" data-testid="address-problem">${this.why}</p>
    `;
  }

  #option({ url, title, tab }: Suggestion, index: number): TemplateResult {
    return html`<li
      id="suggestion-${index}"
      role="option"
      data-testid="suggestion"
      aria-selected=${index === this.chosen ? "true" : "false"}
      @pointerdown=${keepFocus}
      @click=${() => {
        this.#take(index);
      }}
    >
      <span class="title">${title === "" ? shownAddress(url) : title}</span>
      <span class="where small">${shownAddress(url)}</span>
      ${tab === undefined ? nothing : html`<span class="badge small">open in a tab</span>`}
    </li>`;
  }

  readonly #typed = (): void => {
    this.why = "";
    this.edited = true;
    this.chosen = -1;
    const text = this.input?.value ?? "";
    this.found = text.trim() === "" ? [] : (this.#in.session?.suggestions(text) ?? []);
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (!this.#press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** @returns whether the key was for the list. */
  #press(key: string): boolean {
    if (key === "ArrowDown" || key === "ArrowUp") this.#walk(key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter" && this.chosen >= 0) this.#take(this.chosen);
    else if (key === "Escape" && this.found.length > 0) this.#close();
    else if (key === "Escape" && this.edited) this.#revert();
    else return false;
    return true;
  }

  /** Along the list and through the field itself, round and round. */
  #walk(by: number): void {
    if (this.found.length === 0) {
      const text = this.edited ? (this.input?.value ?? "") : "";
      this.found = this.#in.session?.suggestions(text) ?? [];
      this.chosen = -1;
    }
    const places = this.found.length + 1;
    this.chosen = ((this.chosen + 1 + by + places) % places) - 1;
  }

  #take(index: number): void {
    const suggestion = this.found[index];
    if (suggestion === undefined) return;
    this.#revert();
    if (suggestion.tab === undefined) this.#in.session?.travel.open(suggestion.url);
    else this.#in.session?.activate(suggestion.tab);
    this.dispatchEvent(new AddressGoneEvent());
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    this.#close();
    const address = this.#in.session?.travel.go(this.input?.value ?? "");
    this.why = address?.kind === "invalid" ? address.why : "";
    if (address?.kind !== "url") return;
    this.#revert();
    this.dispatchEvent(new AddressGoneEvent());
  };

  readonly #close = (): void => {
    this.found = [];
    this.chosen = -1;
  };

  /** The address of the tab again. */
  #revert(): void {
    const { tab } = this.#in;
    this.#close();
    this.edited = false;
    this.why = "";
    if (this.input === null || tab === undefined) return;
    this.input.value = shownAddress(addressOf(tab));
    if (this.matches(":focus-within")) this.input.select();
  }
}

/** A press on it leaves the focus in the field, so that the list stays. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

declare global {
  interface HTMLElementEventMap {
    [AddressGoneEvent.type]: AddressGoneEvent;
  }
}
