import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { welcomeStyles } from "./styles.ts";
import "../connection/tabor-connection.ts";

/** What the page area shows before the first page. */
@customElement("tabor-welcome")
export class TaborWelcome extends LitElement {
  static override readonly styles = [shared, welcomeStyles];

  readonly #network = new Watched(this, ({ network }) => network.state);

  override render(): TemplateResult | typeof nothing {
    const state = this.#network.value;
    if (state === undefined) return nothing;
    const ready = state.client.stage === "ready";
    return html`
      <h2 class="title">Browse through three relays</h2>
      <p class="lead soft">
        Each page travels from this tab over a guard, a middle relay and an exit. None of them knows both who
        you are and where you go.
      </p>
      <tabor-connection></tabor-connection>
      ${ready ? html`<p class="soft" data-testid="ready">Type an <code>http:</code> address above.</p>` : nothing}
      <ul class="soft small">
        <li>Pages are shown without scripts, styles and images. That keeps them from revealing you.</li>
        <li>The exit and the site's network can read <code>http:</code> pages. Do not send secrets.</li>
        <li>
          Nothing is kept: close the tab and the pages are gone. Only the name of your guard is remembered.
        </li>
      </ul>
    `;
  }
}
