import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { Watched, WatchedPage } from "../watched.ts";
import { circuitFor } from "./circuit-choice.ts";
import { stations } from "./stations.ts";
import { styles } from "./styles.ts";

/** The way a page took, station by station, and the means to take another. */
@customElement("tabor-circuit")
export class TaborCircuit extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #browser = new WatchedPage(this, ({ browser }) => browser.state);
  readonly #network = new Watched(this, ({ network }) => network.state);

  override render(): TemplateResult | typeof nothing {
    const page = this.#browser.value?.page;
    const network = this.#network.value;
    if (page === undefined || network === undefined) return nothing;
    const { circuit, caption, site } = circuitFor(page, network.circuits);
    return html`
      <section class="stack" aria-labelledby="title" data-testid="circuit" data-circuit=${circuit?.id ?? ""}>
        <div>
          <h2 id="title">Circuit</h2>
          <p class="soft small">${caption}</p>
        </div>
        ${circuit === undefined ? nothing : stations(circuit, site)}
        <div class="actions">
          <button
            type="button"
            data-testid="new-circuit"
            ?disabled=${site === undefined}
            @click=${this.#newCircuit}
          >
            New circuit for this site
          </button>
          <button type="button" data-testid="new-identity" @click=${this.#newIdentity}>New identity</button>
        </div>
        <p class="soft small">
          A new identity forgets all pages and uses new circuits from now on. The guard stays: changing it
          often would make it easier to find you.
        </p>
      </section>
    `;
  }

  #newCircuit(): void {
    this.#browser.services?.browser.newCircuit();
  }

  #newIdentity(): void {
    this.#browser.services?.browser.newIdentity();
  }
}
