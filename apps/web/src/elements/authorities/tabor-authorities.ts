import { explain } from "@tabor/browsing/explain";
import {
  bytesToBase64Url,
  changesBetween,
  shortId,
  toTaborError,
  type RelayEntry,
  type RelayId,
  type TaborError,
} from "@tabor/onion-core";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state as reactive } from "lit/decorators.js";
import type { Look } from "../../services/authorities.ts";
import { shared } from "../../styles/shared.ts";
import { sentence } from "../connection/connection-text.ts";
import { Watched } from "../watched.ts";
import { changeText, entryText, signaturesText, timeText } from "./authorities-text.ts";
import { relayWhy } from "./relay-why.ts";
import { styles } from "./styles.ts";

/** A network may have thousands of relays: so many are shown at once, of each list. */
const MOST_RELAYS = 50;
const MOST_CHANGES = 12;

type State =
  | { readonly name: "closed" | "looking" }
  | { readonly name: "shown"; readonly look: Look }
  | { readonly name: "failed"; readonly problem: TaborError };

/** Who signed the list of relays, what changed since the list before, and why a relay has its flags and weight. */
@customElement("tabor-authorities")
export class TaborAuthorities extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #network = new Watched(this, ({ network }) => network.state);
  @reactive() private state: State = { name: "closed" };
  /** How the identity of the wanted relays begins. */
  @reactive() private wanted = "";
  @reactive() private chosen: RelayId | undefined;

  override render(): TemplateResult {
    const { state } = this;
    return html`<section class="card stack" data-testid="authorities" data-state=${state.name}>
      <div class="head">
        <h2>Who signed the list of relays</h2>
        ${this.#button()}
      </div>
      <p class="soft small">
        The authorities sign together which relays there are. This app believes only a list that more than
        half of them have signed; here you can look into it yourself.
      </p>
      ${state.name === "looking" ? html`<progress aria-label="Asking for the list"></progress>` : nothing}
      ${state.name === "failed" ? failed(state.problem) : nothing}
      ${state.name === "shown" ? this.#shown(state.look) : nothing}
    </section>`;
  }

  #button(): TemplateResult {
    const { name } = this.state;
    return html`<button type="button" data-testid="look" ?disabled=${name === "looking"} @click=${this.#look}>
      ${name === "closed" ? "Look into it" : "Look again"}
    </button>`;
  }

  async #look(): Promise<void> {
    const authorities = this.#network.services?.authorities;
    if (authorities === undefined) return;
    this.state = { name: "looking" };
    try {
      this.state = { name: "shown", look: await authorities.look() };
    } catch (thrown) {
      this.state = { name: "failed", problem: toTaborError(thrown, "directory", "asking for the list") };
    }
  }

  #shown(look: Look): TemplateResult {
    return html`${signatures(look)} ${changes(look)} ${this.#relays(look)}`;
  }

  #relays(look: Look): TemplateResult {
    const { relays } = look.consensus;
    const found = relays.filter(({ descriptor }) => descriptor.identity.startsWith(this.wanted));
    const more = found.length - MOST_RELAYS;
    return html`<h3>
        ${relays.length === 1 ? "1 relay" : `${String(relays.length)} relays`}, and why each is what it is
      </h3>
      <label
        >A relay whose name begins with
        <input
          type="search"
          autocomplete="off"
          spellcheck="false"
          data-testid="wanted-relay"
          .value=${this.wanted}
          @input=${this.#want}
      /></label>
      <ul class="rows">
        ${found.slice(0, MOST_RELAYS).map((entry) => this.#relay(look, entry))}
      </ul>
      <p class="soft small" role="status">
        ${more > 0 ? `And ${String(more)} more: type how the name begins.` : found.length === 0 ? "No relay of the list begins so." : ""}
      </p>`;
  }

  #relay(look: Look, entry: RelayEntry): TemplateResult {
    const { identity } = entry.descriptor;
    const isChosen = this.chosen === identity;
    return html`<li>
      <button
        type="button"
        data-testid="relay"
        data-relay=${identity}
        aria-expanded=${isChosen ? "true" : "false"}
        @click=${() => (this.chosen = isChosen ? undefined : identity)}
      >
        <code>${shortId(identity)}</code> <span class="soft small">${entryText(entry)}</span>
      </button>
      ${isChosen ? relayWhy(look, identity) : nothing}
    </li>`;
  }

  #want({ target }: InputEvent): void {
    if (target instanceof HTMLInputElement) this.wanted = target.value.trim();
  }
}

function failed(problem: TaborError): TemplateResult {
  const { title, advice, detail } = explain(problem);
  return html`<div role="alert">
    <p><strong>${title}.</strong> ${advice}</p>
    <p class="soft small">${sentence(detail)}</p>
  </div>`;
}

function signatures(look: Look): TemplateResult {
  const { validAfter, freshUntil, validUntil, digest, signers, votes } = look.consensus;
  const voted = new Set(votes.map(({ authority }) => authority));
  return html`<p role="status" data-testid="signatures">${signaturesText(look)}</p>
    <ul class="authorities small">
      ${look.authorities.map((id) => {
        const signed = signers.includes(id);
        return html`<li class=${signed ? "" : "missing"} data-testid="authority" data-signed=${signed}>
          <strong>${signed ? "Signed" : "Not signed"}</strong
          >${voted.has(id) ? "" : ", and no vote of it was counted"} <br /><code>${id}</code>
        </li>`;
      })}
    </ul>
    <dl>
      <dt>Made at</dt>
      <dd>${timeText(validAfter)}</dd>
      <dt>Fresh until</dt>
      <dd>${timeText(freshUntil)}</dd>
      <dt>Valid until</dt>
      <dd>${timeText(validUntil)}</dd>
      <dt>SHA-256</dt>
      <dd><code>${bytesToBase64Url(digest)}</code></dd>
    </dl>`;
}

function changes({ before, consensus }: Look): TemplateResult {
  if (before === undefined)
    return html`<h3>Since the list before</h3>
      <p class="soft small" data-testid="changes">
        It is no longer at hand, or this is the first: there is nothing to compare with.
      </p>`;
  const { came, left, changed } = changesBetween(before, consensus);
  const counts = [count(came, "came"), count(left, "went"), count(changed, "changed")].join(", ");
  return html`<h3>Since the list before, of ${timeText(before.validAfter)}</h3>
    <p class="small" data-testid="changes">${counts}.</p>
    <ul class="small">
      ${some(came, (entry) => changeItem("+", entry, `came: ${entryText(entry)}`))}
      ${some(left, (entry) => changeItem("−", entry, `went: ${entryText(entry)}`))}
      ${some(changed, (pair) => changeItem("~", pair.after, changeText(pair.before, pair.after)))}
    </ul>`;
}

function changeItem(sign: string, { descriptor }: RelayEntry, text: string): TemplateResult {
  return html`<li>
    <span class="sign" aria-hidden="true">${sign}</span><code>${shortId(descriptor.identity)}</code>
    <span class="soft">${text}</span>
  </li>`;
}

function some<T>(all: readonly T[], item: (one: T) => TemplateResult): TemplateResult {
  const more = all.length - MOST_CHANGES;
  return html`${all.slice(0, MOST_CHANGES).map(item)}
  ${more > 0 ? html`<li class="soft">and ${more} more</li>` : nothing}`;
}

function count(all: readonly unknown[], what: string): string {
  return `${String(all.length)} ${what}`;
}
