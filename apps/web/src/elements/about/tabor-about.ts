import { parseRoots, rootsUrl } from "@tabor/tls";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { styles } from "./styles.ts";

/** What Tabor protects, and what it does not. */
@customElement("tabor-about")
export class TaborAbout extends LitElement {
  static override readonly styles = [shared, styles];

  /** The day of the list of trusted issuers. */
  @state() private roots: string | undefined;

  override firstUpdated(): void {
    void rootsDate().then(
      (date) => (this.roots = date),
      // The list is asked for again when a site needs it, and its want told then.
      () => undefined,
    );
  }

  override render(): TemplateResult {
    return html`
      <div class="stack">
        <h1>What Tabor protects, and what not</h1>
        <p>
          Tabor, the tab onion router, sends what you do through three relays, wrapped in three layers of
          encryption. Each relay takes off one layer and learns only its neighbours.
        </p>
        <h2>Protected</h2>
        <ul>
          <li>The site sees the exit's address, not yours.</li>
          <li>Your network sees that you use Tabor, not what for.</li>
          <li>No single relay, and not the directory, knows both who you are and where you go.</li>
          <li>With <code>https:</code> only this tab and the site can read a page; the exit cannot.</li>
          <li>
            Pages run no scripts at the level Safest, and whatever they ask for comes through the circuit.
          </li>
          <li>
            Cookies and logins stay with their site, in this tab's memory, until a new identity or until you
            close it.
          </li>
        </ul>
        <h2>Not protected</h2>
        <ul>
          <li>
            Whoever watches both ends, your connection and the site's, can match the two by their timing.
          </li>
          <li>Whoever serves this app's code can change it. Run your own copy if that worries you.</li>
          <li>Over <code>http:</code> the exit and the site's network can read and change what you see.</li>
          <li>
            The network is young and small. The fewer relays and people there are, the less anyone can hide
            among them.
          </li>
          <li>What you tell a site yourself, it knows.</li>
        </ul>
        <p class="soft small">
          Do not rely on Tabor where being found out would put you in danger. Free software under the MIT
          licence;
          <a href="/NOTICES.txt" target="_blank" rel="noopener">what others have written of it</a> has its
          own.
        </p>
        ${
          this.roots === undefined
            ? nothing
            : html`<p class="soft small" data-testid="roots">
                Which issuers of certificates are trusted is Mozilla's list of
                <time datetime=${this.roots}>${dayText(this.roots)}</time>.
              </p>`
        }
      </div>
    `;
  }
}

async function rootsDate(): Promise<string> {
  return parseRoots(await (await fetch(rootsUrl)).text()).date;
}

function dayText(date: string): string {
  return new Date(date).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });
}
