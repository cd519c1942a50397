import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { showAddress } from "../../browsing/address.ts";
import type { BrowserState } from "../../browsing/browser.ts";
import { shared } from "../../styles/shared.ts";
import { icons } from "../icons.ts";
import { WatchedPage } from "../watched.ts";
import { CircuitToggledEvent } from "../events.ts";
import { styles } from "./styles.ts";

/**
 * Back, forward, reload or stop, and the address. What is typed is an address or refused: nothing is searched for.
 *
 * @fires circuit-toggled - The person wants to see the circuit, or no longer.
 */
@customElement("tabor-address-bar")
export class TaborAddressBar extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #browser = new WatchedPage(this, ({ browser }) => browser.state);

  @property({ attribute: false }) circuitShown = false;
  @state() private why = "";
  /** The address shown last; what the person types since stays until there is another. */
  #shown = "";

  private get input(): HTMLInputElement | null {
    return this.renderRoot.querySelector("input");
  }

  override focus(): void {
    this.input?.focus();
  }

  override updated(): void {
    const address = addressOf(this.#browser.value);
    if (address === this.#shown || this.input === null) return;
    this.#shown = address;
    this.input.value = address;
  }

  override render(): TemplateResult | typeof nothing {
    const state = this.#browser.value;
    if (state === undefined) return nothing;
    return html`
      <form @submit=${this.#go} role="search" aria-label="Address">
        ${this.#buttons(state)}
        <label class="hidden-visually" for="address">Address of a site</label>
        <input
          id="address"
          data-testid="address"
          type="text"
          inputmode="url"
          placeholder="http://"
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck="false"
          enterkeyhint="go"
          aria-invalid=${this.why === "" ? "false" : "true"}
          aria-describedby="why"
          @focus=${this.#select}
          @input=${this.#forgetWhy}
        />
        <button class="go" type="submit" data-testid="go">Go</button>
        <button
          class="icon"
          type="button"
          data-testid="circuit-toggle"
          aria-label="Circuit"
          aria-expanded=${this.circuitShown ? "true" : "false"}
          title="Circuit"
          @click=${this.#toggleCircuit}
        >
          ${icons.circuit}
        </button>
      </form>
      <p id="why" role="alert" class="small" data-testid="address-problem">${this.why}</p>
    `;
  }

  #buttons({ page, canGoBack, canGoForward }: BrowserState): TemplateResult {
    const loading = page.kind === "loading" || page.kind === "saving";
    const browser = this.#browser.services?.browser;
    return html`
      <button
        class="icon"
        type="button"
        aria-label="Back"
        title="Back"
        data-testid="back"
        ?disabled=${!canGoBack}
        @click=${() => browser?.back()}
      >
        ${icons.back}
      </button>
      <button
        class="icon"
        type="button"
        aria-label="Forward"
        title="Forward"
        data-testid="forward"
        ?disabled=${!canGoForward}
        @click=${() => browser?.forward()}
      >
        ${icons.forward}
      </button>
      <button
        class="icon"
        type="button"
        data-testid="reload"
        aria-label=${loading ? "Stop" : "Reload"}
        title=${loading ? "Stop" : "Reload"}
        ?disabled=${page.kind === "blank"}
        @click=${() => {
          if (loading) browser?.stop();
          else browser?.reload();
        }}
      >
        ${loading ? icons.stop : icons.reload}
      </button>
    `;
  }

  #go(event: SubmitEvent): void {
    event.preventDefault();
    const address = this.#browser.services?.browser.go(this.input?.value ?? "");
    this.why = address?.kind === "invalid" ? address.why : "";
    if (address?.kind === "url") this.input?.blur();
  }

  #select(): void {
    this.input?.select();
  }

  #forgetWhy(): void {
    this.why = "";
  }

  #toggleCircuit(): void {
    this.dispatchEvent(new CircuitToggledEvent());
  }
}

function addressOf(state: BrowserState | undefined): string {
  return state === undefined || state.page.kind === "blank" ? "" : showAddress(state.page.url);
}
