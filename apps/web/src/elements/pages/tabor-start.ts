import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import type { Visit } from "../../browsing/visits.ts";
import { shownAddress } from "../../browsing/typed-address.ts";
import { shared } from "../../styles/shared.ts";
import { asks } from "../commands.ts";
import { InSession } from "../in-session.ts";
import { Watched } from "../watched.ts";
import "../adhoc/tabor-adhoc.ts";
import "../connection/tabor-connection.ts";

const MAX_RECENT = 6;

/** A new tab: how far the network is, where the person has been, and what is protected. */
@customElement("tabor-start")
export class TaborStart extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--tabor-space-5);
      }
      h1 {
        font-size: clamp(1.5rem, 4vw, 2rem);
      }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr));
        gap: var(--tabor-space-4);
      }
      ul {
        display: grid;
        gap: var(--tabor-space-2);
        padding-inline-start: 1.1rem;
      }
      .recent {
        grid-template-columns: minmax(0, 1fr);
        padding: 0;
        gap: 0;
      }
      .recent .soft {
        flex: none;
        max-width: 50%;
      }
      .recent span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      h2 {
        font-size: var(--tabor-text-m);
        margin-bottom: var(--tabor-space-2);
      }
    `,
  ];

  readonly #in = new InSession(this);
  readonly #network = new Watched(this, ({ network }) => network.state);

  override render(): TemplateResult | typeof nothing {
    const network = this.#network.value;
    const { value } = this.#in;
    if (network === undefined || value === undefined) return nothing;
    const ready = network.client.stage === "ready";
    return html`
      <div class="stack">
        <h1>Browse through three relays</h1>
        <p class="soft">
          Pages travel from this tab over a guard, a middle relay and an exit. None of them knows both who you
          are and where you go.
        </p>
      </div>
      ${
        ready
          ? html`<p class="hidden-visually" data-testid="ready">Connected</p>`
          : html`<tabor-connection></tabor-connection>`
      }
      <tabor-adhoc></tabor-adhoc>
      ${value.visits.length === 0 ? nothing : this.#recent(value.visits)} ${protection()}
    `;
  }

  #recent(visits: readonly Visit[]): TemplateResult {
    return html`<section aria-labelledby="recent">
      <h2 id="recent">Recently in this session</h2>
      <ul class="rows recent">
        ${visits.slice(0, MAX_RECENT).map(
          ({ url, title }) =>
            html`<li>
              <button type="button" data-testid="recent" @click=${() => this.#in.session?.travel.open(url)}>
                <span>${title === "" ? shownAddress(url) : title}</span>
                <span class="soft small">${shownAddress(url)}</span>
              </button>
            </li>`,
        )}
      </ul>
    </section>`;
  }
}

function protection(): TemplateResult {
  return html`<div class="two">
      <section class="card">
        <h2>Protected</h2>
        <ul class="small">
          <li>Sites see the exit's address, not yours.</li>
          <li>Your network sees that you use Tabor, not what for.</li>
          <li>With https, only you and the site can read a page; the exit cannot.</li>
          <li>Pages run no scripts, and nothing in them goes around the circuit.</li>
        </ul>
      </section>
      <section class="card">
        <h2>Not protected</h2>
        <ul class="small">
          <li>What you tell a site yourself, it knows.</li>
          <li>Whoever watches both ends can match them by their timing.</li>
          <li>The network is young and small: there are few to hide among.</li>
          <li>Files you open after downloading may go to the network without Tabor.</li>
        </ul>
      </section>
    </div>
    <p class="soft small">
      What you do here is kept in this tab's memory and gone when you close it. The browser keeps the app, the
      name of your guard, and what you chose as a volunteer or member.
    </p>
    <div class="row">
      <button type="button" @click=${asks("volunteer")}>Volunteer with this tab</button>
      <button type="button" @click=${asks("about")}>More about Tabor</button>
    </div>`;
}
