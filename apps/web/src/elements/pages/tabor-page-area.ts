import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { explain } from "@tabor/browsing/explain";
import type { CircuitInfo } from "@tabor/onion-core";
import { OWN_TITLES, type OwnPage } from "../../browsing/own-page.ts";
import { tabTitle, type Load, type Tab, type TabPage } from "../../browsing/tab.ts";
import { hostOf, shownAddress } from "../../browsing/typed-address.ts";
import { shared } from "../../styles/shared.ts";
import { failedAt, stations, type FailedAt } from "../circuit/stations.ts";
import { styles as circuitStyles } from "../circuit/styles.ts";
import { asks } from "../commands.ts";
import { InSession } from "../in-session.ts";
import { Watched } from "../watched.ts";
import { announcement, areaKind, waitText } from "./page-text.ts";
import { RoomForViews } from "./room-for-views.ts";
import { areaStyles } from "./styles.ts";
import "../about/tabor-about.ts";
import "../authorities/tabor-authorities.ts";
import "../connection/tabor-connection.ts";
import "../connection/tabor-fetch-exits.ts";
import "../membership/tabor-membership.ts";
import "../volunteer/tabor-volunteer.ts";
import "./tabor-start.ts";

/**
 * What is said beside the page itself, whose frame is in the slot: pages of the app, the first wait, and why there is
 * no page.
 */
@customElement("tabor-page-area")
export class TaborPageArea extends LitElement {
  static override readonly styles = [shared, circuitStyles, areaStyles];

  readonly #in = new InSession(this);
  readonly #network = new Watched(this, ({ network }) => network.state);
  #focused = "";

  constructor() {
    super();
    new RoomForViews(this);
  }

  /** Whoever cannot see that an error has come is taken to it. */
  override updated(): void {
    const { tab } = this.#in;
    const kind = tab === undefined ? "" : `${tab.id} ${areaKind(tab)}`;
    if (kind === this.#focused) return;
    this.#focused = kind;
    this.renderRoot.querySelector<HTMLElement>("[data-focus]")?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const { tab } = this.#in;
    if (tab === undefined) return nothing;
    const kind = areaKind(tab);
    return html`
      <p class="hidden-visually" role="status" data-testid="announcement">${announcement(tab)}</p>
      <div class="place" data-testid="page" data-kind=${kind}>
        ${kind === "document" ? html`<h1 class="hidden-visually">${tabTitle(tab)}</h1>` : nothing}
        <div class="views" ?data-shown=${kind === "document"}><slot></slot></div>
        ${kind === "document" ? nothing : this.#content(tab)}
      </div>
      ${kind === "document" ? strip(tab) : nothing}
    `;
  }

  #content({ page, load }: Tab): TemplateResult {
    if (load !== undefined) return this.#loading(load);
    if (page.kind === "own")
      return html`<div class="text" tabindex="0" role="region" aria-label=${OWN_TITLES[page.page]}>
        ${ownContent(page.page)}
      </div>`;
    const content =
      page.kind === "failed" ? failed(page) : page.kind === "consent" ? this.#consent(page) : "";
    return html`<div class="text" tabindex="0" role="region" aria-label="Page">${content}</div>`;
  }

  #loading({ url, sentence }: Load): TemplateResult {
    const ready = this.#network.value?.client.stage === "ready";
    return html`<div class="text" tabindex="0" role="region" aria-label="Page">
      <section class="card stack narrow">
        <h1 class="host">Loading ${hostOf(url)}</h1>
        <progress aria-label="Loading"></progress>
        <p class="soft" data-testid="progress">${sentence}</p>
        <div class="row"><button type="button" @click=${asks("stop")}>Stop</button></div>
      </section>
      ${ready ? nothing : html`<tabor-connection></tabor-connection>`}
    </div>`;
  }

  #consent({ url }: TabPage & { kind: "consent" }): TemplateResult {
    const { session } = this.#in;
    const host = hostOf(url);
    return html`<section class="card stack">
      <h1 tabindex="-1" data-focus data-testid="page-title">${host} is not encrypted</h1>
      <p>
        This site answers over plain <code>http:</code> only. The exit, and everybody between it and the site,
        can read the page and change it.
      </p>
      <p class="soft">Nothing was sent in the clear yet. Never type a password or anything private there.</p>
      <div class="row">
        <button class="primary" type="button" @click=${asks("back")}>Go back</button>
        <button type="button" data-testid="allow-http" @click=${() => session?.travel.allowInsecure()}>
          Open without encryption, this once
        </button>
      </div>
    </section>`;
  }
}

function ownContent(page: OwnPage): TemplateResult {
  switch (page) {
    case "start":
      return html`<tabor-start></tabor-start>`;
    case "network":
      return html`<div class="stack">
        <h1>The way into the network</h1>
        <tabor-connection></tabor-connection>
        <tabor-fetch-exits></tabor-fetch-exits>
        <tabor-authorities></tabor-authorities>
      </div>`;
    case "membership":
      return html`<tabor-membership></tabor-membership>`;
    case "volunteer":
      return html`<tabor-volunteer></tabor-volunteer>`;
    case "about":
      return html`<tabor-about></tabor-about>`;
  }
}

function failed({ url, error, circuit }: TabPage & { kind: "failed" }): TemplateResult {
  const { title, where, advice, detail } = explain(error);
  const at = failedAt(error.where);
  return html`<section class="card stack" role="alert">
    <h1 tabindex="-1" data-focus data-testid="page-title">${title}</h1>
    <p class="host">${hostOf(url)}</p>
    <dl>
      <div>
        <dt>Where</dt>
        <dd data-testid="error-where">${where}</dd>
      </div>
      <div>
        <dt>What to do</dt>
        <dd>${advice}</dd>
      </div>
      <div>
        <dt>In the program's words</dt>
        <dd class="soft">${detail}</dd>
      </div>
    </dl>
    <div class="row">
      <button class="primary" type="button" data-testid="again" @click=${asks("reload")}>Try again</button>
      <button type="button" data-testid="again-elsewhere" @click=${asks("new-circuit")}>
        Try another circuit
      </button>
    </div>
    ${circuit === undefined || at === undefined ? nothing : wayTried(circuit, url, at)}
  </section>`;
}

function wayTried(circuit: CircuitInfo, url: string, at: FailedAt): TemplateResult {
  return html`<section data-testid="way-tried" data-circuit=${circuit.id}>
    <h2>The way that was tried last</h2>
    ${stations(circuit, hostOf(url), at)}
    ${at === "relay" ? html`<p>It failed at one of the relays; nobody is told at which.</p>` : nothing}
  </section>`;
}

/** At the foot of a page: where a link leads, or what is waited for. */
function strip(tab: Tab): TemplateResult | typeof nothing {
  if (tab.pointed === undefined) return wait(tab);
  // Who cannot see it is told by the link itself, in the page.
  return html`<div class="strip" aria-hidden="true">
    <p class="small" data-testid="pointed">${shownAddress(tab.pointed)}</p>
  </div>`;
}

function wait(tab: Tab): TemplateResult | typeof nothing {
  const { page } = tab;
  const text = waitText(tab);
  if (text !== "") return waitStrip(text, tab);
  if (page.kind !== "document" || page.broken === undefined) return nothing;
  const { title, where } = explain(page.broken);
  return html`<div class="strip broken" role="alert">
    <p class="small"><strong>This page is not whole.</strong> ${title}, ${where}.</p>
    <button type="button" data-testid="again" @click=${asks("reload")}>Reload</button>
  </div>`;
}

function waitStrip(text: string, { load, page }: Tab): TemplateResult {
  const parts =
    load === undefined && page.kind === "document" && page.parts.asked > 0 ? page.parts : undefined;
  const bar =
    parts === undefined
      ? html`<progress aria-label="Loading"></progress>`
      : html`<progress
          aria-label="Parts of the page"
          max=${parts.asked}
          .value=${parts.loaded + parts.failed}
        ></progress>`;
  return html`<div class="strip">
    ${bar}
    <p class="small" data-testid="progress">${text}</p>
  </div>`;
}
