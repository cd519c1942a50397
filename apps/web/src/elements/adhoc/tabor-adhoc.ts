import type { KnownHost } from "@tabor/rtc-link/adhoc";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";

/** In an ad-hoc network: whom one has to believe there, and which hosts may serve. Nothing in others. */
@customElement("tabor-adhoc")
export class TaborAdhoc extends LitElement {
  static override readonly styles = [
    shared,
    css`
      ul {
        display: grid;
        gap: var(--tabor-space-2);
        padding-inline-start: 1.1rem;
      }
      summary {
        cursor: pointer;
        font-weight: 600;
      }
      .stack {
        margin-top: var(--tabor-space-3);
      }
      li {
        overflow-wrap: anywhere;
      }
    `,
  ];

  readonly #network = new Watched(this, ({ network }) => network.state);

  /** Nor any room for it. */
  override willUpdate(): void {
    this.hidden = this.#network.value?.adhoc === undefined;
  }

  override render(): TemplateResult | typeof nothing {
    const hosts = this.#network.value?.adhoc;
    if (hosts === undefined) return nothing;
    return html`
      <details class="card" data-testid="adhoc">
        <summary>An ad-hoc network: whoever serves it is believed alone</summary>
        <div class="stack">
          <p>
            No authorities watch each other here. One of these hosts serves at a time and signs alone which
            relays there are; the one that gave you this app is believed since you opened it. Take part only
            if you trust whoever runs them.
          </p>
          <ul class="small">
            ${hosts.map(hostItem)}
          </ul>
          <p class="soft small">
            When the host ends that serves, what is open goes on, and this app joins the next one by itself. A
            key that is not named is pinned when this app first meets its host.
          </p>
        </div>
      </details>
    `;
  }
}

function hostItem({ address, authority }: KnownHost): TemplateResult {
  const rule = authority === undefined ? "the others pin its key at first contact" : "named by its key";
  return html`<li><code>${address}</code>, ${rule}</li>`;
}
