import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { styles } from "./styles.ts";

/** The person's choice whether exits that fetch may be used: they read what they carry (SPEC §7.5). */
@customElement("tabor-fetch-exits")
export class TaborFetchExits extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #allowed = new Watched(this, ({ network }) => network.fetchExits);

  override render(): TemplateResult | typeof nothing {
    const { value: areAllowed, services } = this.#allowed;
    if (areAllowed === undefined || services === undefined) return nothing;
    return html`<section class="card stack" aria-labelledby="fetch-exits">
      <h2 id="fetch-exits">Browsers as exits</h2>
      <p>
        Where no exit carries encrypted streams, a volunteer's browser can fetch pages in your place.
        <strong
          >It reads everything you open and send through it, also of <code>https</code> sites, and could
          change it</strong
        >; it does not learn who you are. Only sites that let other sites' pages read them can be fetched this
        way.
      </p>
      <label class="choice">
        <input
          type="checkbox"
          data-testid="allow-fetch-exits"
          .checked=${areAllowed}
          @change=${(event: Event) => {
            services.network.allowFetchExits((event.currentTarget as HTMLInputElement).checked);
          }}
        />
        <span>Use browsers as exits where there is no other, until I close this page</span>
      </label>
    </section>`;
  }
}
