import { CELL_LENGTH, shortId, type RelayStats } from "@tabor/onion-core";
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state as reactive } from "lit/decorators.js";
import { bytesText } from "../../browsing/bytes-text.ts";
import type { SelfTest, VolunteerState } from "../../services/volunteer.ts";
import { shared } from "../../styles/shared.ts";
import type { VolunteerSettings } from "../../volunteer/settings.ts";
import type { VolunteerTotals } from "../../volunteer/totals.ts";
import { Watched } from "../watched.ts";
import { whatItMeans } from "./consent.ts";
import { styles } from "./styles.ts";
import { connectionsText, NAT_TEXT, selfTestText, volunteerText } from "./volunteer-text.ts";
import "./tabor-traffic-graph.ts";
import "./tabor-volunteer-exit.ts";
import "./tabor-volunteer-limits.ts";

const NOT_TESTED: SelfTest = { name: "none" };

/** The switch that makes this browser a relay, what that means, its limits, and what it does for others. */
@customElement("tabor-volunteer")
export class TaborVolunteer extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #network = new Watched(this, ({ network }) => network.state);
  readonly #state = new Watched(this, ({ volunteer }) => volunteer.state);
  readonly #settings = new Watched(this, ({ volunteer }) => volunteer.settings);
  readonly #totals = new Watched(this, ({ volunteer }) => volunteer.totals);
  readonly #selfTest = new Watched(this, ({ volunteer }) => volunteer.selfTest);
  /** The switch was pressed for the first time: nothing begins before the person has read what it means. */
  @reactive() private isAsking = false;

  override updated(changed: PropertyValues): void {
    if (changed.has("isAsking") && this.isAsking)
      this.renderRoot.querySelector<HTMLElement>("#consent")?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const [state, settings, totals] = [this.#state.value, this.#settings.value, this.#totals.value];
    if (state === undefined || settings === undefined || totals === undefined) return nothing;
    return html`
      <div class="stack">
        <h1>Volunteer with this browser</h1>
        <p class="soft">
          While a tab of Tabor stays open it can pass on encrypted cells for other people, in the middle of
          their circuits, or at their start while the network is small.
        </p>
        ${this.#switch(state, settings)} ${this.isAsking ? this.#consent() : nothing}
        ${state.name === "on" ? this.#atWork(state) : nothing} ${soFar(totals)}
        <tabor-volunteer-limits></tabor-volunteer-limits>
        <tabor-volunteer-exit></tabor-volunteer-exit>
        ${
          this.isAsking
            ? nothing
            : html`<section class="stack" aria-labelledby="means">
                <h2 id="means">What it means</h2>
                ${whatItMeans(this.#network.value?.admission)}
              </section>`
        }
      </div>
    `;
  }

  #switch(state: VolunteerState, { isOn, limits }: VolunteerSettings): TemplateResult {
    return html`<section class="card switch ${state.name}">
      <button
        type="button"
        role="switch"
        aria-checked=${isOn ? "true" : "false"}
        aria-label="Relay for other people"
        aria-describedby="state"
        data-testid="volunteer-switch"
        @click=${this.#toggle}
      >
        <span class="knob"></span>
      </button>
      <div>
        <h2 aria-hidden="true">Relay for other people</h2>
        <p id="state" class="soft" role="status" data-testid="volunteer-state" data-state=${state.name}>
          ${volunteerText(state, limits, this.#selfTest.value ?? NOT_TESTED)}
        </p>
      </div>
    </section>`;
  }

  #consent(): TemplateResult {
    return html`<section class="card stack" aria-labelledby="consent" data-testid="consent">
      <h2 id="consent" tabindex="-1">Before you switch it on</h2>
      ${whatItMeans(this.#network.value?.admission)}
      <div class="row">
        <button class="primary" type="button" data-testid="consent-yes" @click=${this.#agree}>
          I agree, switch it on
        </button>
        <button
          type="button"
          data-testid="consent-no"
          @click=${() => {
            this.#answered();
          }}
        >
          Not now
        </button>
      </div>
    </section>`;
  }

  #atWork({ relay, stats, nat, connections }: VolunteerState & { readonly name: "on" }): TemplateResult {
    const { services, value: test = NOT_TESTED } = this.#selfTest;
    return html`${counters(stats)}
      <section class="card stack" aria-labelledby="traffic">
        <h2 id="traffic">Traffic of this relay</h2>
        <tabor-traffic-graph></tabor-traffic-graph>
        <div class="test">
          <p class="small" role="status" data-testid="self-test" data-state=${test.name}>
            ${selfTestText(test, services?.clock.now() ?? 0)}
          </p>
          <button
            type="button"
            data-testid="self-test-again"
            ?disabled=${test.name === "running"}
            @click=${() => services?.volunteer.test()}
          >
            Test again
          </button>
        </div>
        <p class="small" data-testid="nat" data-value=${nat}>${NAT_TEXT[nat]}</p>
        <p class="small" data-testid="connections" data-turn=${connections.throughTurn}>
          ${connectionsText(connections)}
        </p>
        <p class="soft small">
          This relay is called
          <code data-testid="relay-id" data-value=${relay}>${shortId(relay)}</code>.
        </p>
      </section>`;
  }

  #toggle(): void {
    const { services, value } = this.#settings;
    if (value === undefined) return;
    if (value.isOn) services?.volunteer.change({ isOn: false });
    else if (value.hasConsented) services?.volunteer.change({ isOn: true });
    else this.isAsking = !this.isAsking;
  }

  #agree(): void {
    this.#settings.services?.volunteer.change({ hasConsented: true, isOn: true });
    this.#answered();
  }

  /** What was pressed is gone: back to the switch. */
  #answered(): void {
    this.isAsking = false;
    this.renderRoot.querySelector<HTMLElement>("[role=switch]")?.focus();
  }
}

function counters({
  circuits,
  circuitsTotal,
  cellsIn,
  cellsOut,
  relayLinks,
  clientLinks,
}: RelayStats): TemplateResult {
  const bytes = (cells: number): string => bytesText(cells * CELL_LENGTH);
  return html`<dl data-testid="counters">
    ${counter("relay-circuits", "Circuits now", String(circuits), circuits)}
    ${counter("relay-bytes-in", "Received since the start", bytes(cellsIn), cellsIn * CELL_LENGTH)}
    ${counter("relay-bytes-out", "Sent on since the start", bytes(cellsOut), cellsOut * CELL_LENGTH)}
    ${counter("relay-circuits-total", "Circuits since the start", String(circuitsTotal), circuitsTotal)}
    ${counter("relay-links", "Links to relays", String(relayLinks), relayLinks)}
    ${counter("client-links", "Links to clients", String(clientLinks), clientLinks)}
  </dl>`;
}

/** What this browser has done for others, today and in all. */
function soFar(totals: VolunteerTotals): TemplateResult | typeof nothing {
  if (totals.since === undefined) return nothing;
  const since = new Date(totals.since).toLocaleDateString("en-GB", { dateStyle: "long" });
  const helped = (circuits: number): string =>
    circuits === 1 ? "1 circuit" : `${String(circuits)} circuits`;
  const { bytesOfDay } = totals.data;
  return html`<dl class="so-far" data-testid="so-far">
    ${counter("today-circuits", "helped today", helped(totals.circuitsOfDay), totals.circuitsOfDay)}
    ${counter("today-bytes", "of data today", bytesText(bytesOfDay), bytesOfDay)}
    ${counter("total-circuits", `helped since ${since}`, helped(totals.circuits), totals.circuits)}
    ${counter("total-bytes", `of data since ${since}`, bytesText(totals.bytes), totals.bytes)}
  </dl>`;
}

function counter(id: string, label: string, text: string, value: number): TemplateResult {
  return html`<div>
    <dt>${label}</dt>
    <dd data-testid=${id} data-value=${value}>${text}</dd>
  </div>`;
}
