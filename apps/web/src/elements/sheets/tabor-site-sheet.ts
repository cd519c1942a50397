import type { TlsInfo } from "@tabor/browsing";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { hostOf } from "../../browsing/typed-address.ts";
import { shared } from "../../styles/shared.ts";
import { stations } from "../circuit/stations.ts";
import { styles as circuitStyles } from "../circuit/styles.ts";
import { asks } from "../commands.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";
import { Watched } from "../watched.ts";
import { certificateDetails } from "./certificate-details.ts";
import { sheetStyles } from "./sheet-styles.ts";
import { siteFacts, type SiteFacts } from "./site-facts.ts";

/** What is known of the page's site: how it is encrypted, who vouches for it, and the way it came. */
@customElement("tabor-site-sheet")
export class TaborSiteSheet extends LitElement {
  static override readonly styles = [shared, circuitStyles, sheetStyles];

  readonly #in = new InSession(this);
  readonly #network = new Watched(this, ({ network }) => network.state);

  override render(): TemplateResult | typeof nothing {
    const { tab } = this.#in;
    const network = this.#network.value;
    if (tab === undefined || network === undefined) return nothing;
    const facts = siteFacts(tab, network.circuits);
    if (facts.kind === "none") return html`<p>${facts.sentence}</p>`;
    return html`
      ${encryption(facts)}
      <section>
        <h3>Circuit</h3>
        <p class="soft small">${facts.caption}</p>
        <div data-testid="circuit" data-circuit=${facts.circuit?.id ?? ""}>
          ${facts.circuit === undefined ? nothing : stations(facts.circuit, hostOf(facts.url))}
        </div>
        <div class="row">
          <button type="button" data-testid="new-circuit" @click=${asks("new-circuit")}>
            New circuit for this site
          </button>
        </div>
      </section>
      <section>
        <h3>Security level</h3>
        <div class="row">
          <button type="button" @click=${asks("level")}>
            ${tab.level === "safest" ? "Safest: no scripts" : "Standard: with scripts"}
          </button>
        </div>
      </section>
    `;
  }
}

function encryption({
  kind,
  tls,
  url,
  isReadByExit,
}: Exclude<SiteFacts, { kind: "none" }>): TemplateResult | typeof nothing {
  if (kind === "failed") return nothing;
  if (isReadByExit)
    return html`<section data-testid="read-by-exit">
      <h3 class="bad">${icons.unlocked} Read by the exit</h3>
      <p>
        The exit is a volunteer's browser, which fetched this page in your place: it can read the page and all
        that you send to ${hostOf(url)}, and could change it. From there to the site it is
        ${url.startsWith("https:") ? "encrypted" : "not encrypted either"}. Do not type anything private.
      </p>
    </section>`;
  if (tls === undefined)
    return html`<section data-testid="not-encrypted">
      <h3 class="bad">${icons.unlocked} Not encrypted</h3>
      <p>
        The exit, and everybody between it and ${hostOf(url)}, can read this page and change it. Do not type
        anything private.
      </p>
    </section>`;
  return html`<section data-testid="encrypted">
    <h3 class="good">${icons.lock} Encrypted up to the site</h3>
    <p>Only this tab and the site can read the page. The exit sees the site's name and how much is sent.</p>
    ${agreed(tls)} ${certificateDetails(tls.certificates)}
  </section>`;
}

function agreed({ version, cipherSuite, alpn }: TlsInfo): TemplateResult {
  return html`<dl>
    <dt>Protocol</dt>
    <dd data-testid="tls-version">${version}${alpn === undefined ? "" : `, ${alpn}`}</dd>
    <dt>Suite</dt>
    <dd class="small"><code>${cipherSuite}</code></dd>
  </dl>`;
}
