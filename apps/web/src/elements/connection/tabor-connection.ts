import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import type { NetworkState } from "../../services/network.ts";
import { shared } from "../../styles/shared.ts";
import { asks } from "../commands.ts";
import { Ticking } from "../ticking.ts";
import { Watched } from "../watched.ts";
import { connectionText, type ConnectionText } from "./connection-text.ts";
import { styles } from "./styles.ts";

/** How far this tab has come on its way into the network, and what is in the way. Shown until it is ready. */
@customElement("tabor-connection")
export class TaborConnection extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #network = new Watched(this, ({ network }) => network.state);
  readonly #ticking = new Ticking(this);

  override render(): TemplateResult | typeof nothing {
    const { value, services } = this.#network;
    if (value === undefined || services === undefined) return nothing;
    this.#ticking.run(value.directory.phase === "lost" ? services.clock : undefined);
    return this.#panel(connectionText(value, services.clock.monotonic()), isOutside(value));
  }

  #panel({ tone, percent, headline, sentence, advice }: ConnectionText, isOutside: boolean): TemplateResult {
    return html`
      <section class="card stack ${tone}" data-testid="connection" data-tone=${tone}>
        <div class="head">
          <div role="status"><h2>${headline}</h2></div>
          <span class="percent" data-testid="percent">${percent} %</span>
        </div>
        <progress max="100" .value=${percent} aria-label="On the way into the network"></progress>
        <p class="soft" data-testid="connection-sentence">${sentence}</p>
        ${advice === undefined ? nothing : html`<p class="advice">${advice}</p>`}
        ${isOutside ? html`<div class="row">${toMembership}</div>` : nothing}
      </section>
    `;
  }
}

const toMembership = html`<button
  class="primary"
  type="button"
  data-testid="to-membership"
  @click=${asks("membership")}
>
  How to become a member
</button>`;

/** The network does not let this browser in: what to do about it is said on a page of its own. */
function isOutside({ directory }: NetworkState): boolean {
  return directory.phase === "lost" && directory.reason.code === "not-a-member";
}
