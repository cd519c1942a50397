import { shortId, type CircuitInfo, type HopInfo } from "@tabor/onion-core";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { circuitFor } from "./circuit-choice.ts";
import { styles } from "./styles.ts";

const KNOWS: Readonly<Record<HopInfo["role"], string>> = {
  guard: "sees your address, not where you go",
  middle: "sees two relays, nothing else",
  exit: "sees the site, not who you are",
};

/** The way a page took, station by station, and the means to take another. */
@customElement("tabor-circuit")
export class TaborCircuit extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #browser = new Watched(this, ({ browser }) => browser.state);
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

function stations({ hops }: CircuitInfo, site: string | undefined): TemplateResult {
  return html`<ol>
    <li class="you"><strong>This tab</strong><span class="soft small">you</span></li>
    ${hops.map(station)}
    ${
      site === undefined
        ? nothing
        : html`<li class="site"><strong>${site}</strong><span class="soft small">the site</span></li>`
    }
  </ol>`;
}

function station({ relay, role, platform, handshakeMs }: HopInfo): TemplateResult {
  return html`<li
    class=${role}
    data-testid="hop"
    data-role=${role}
    data-relay=${relay}
    data-platform=${platform}
  >
    <strong>${role.charAt(0).toUpperCase() + role.slice(1)}</strong>
    <span class="facts small"
      ><code title=${relay}>${shortId(relay)}</code>
      <span class="badge">${platform === "tab" ? "browser tab" : "Node"}</span>
      <span>${handshakeMs === undefined ? "…" : `${String(Math.round(handshakeMs))} ms`}</span></span
    >
    <span class="soft small">${KNOWS[role]}</span>
  </li>`;
}
