import { CELL_LENGTH, shortId, type RelayStats } from "@tabor/onion-core";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { bytesText } from "../../browsing/bytes-text.ts";
import type { VolunteerState } from "../../services/volunteer.ts";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { styles } from "./styles.ts";
import { volunteerText } from "./volunteer-text.ts";

/** The switch that makes this tab a relay, what that means, and what it has done for others. */
@customElement("tabor-volunteer")
export class TaborVolunteer extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #volunteer = new Watched(this, ({ volunteer }) => volunteer.state);

  override render(): TemplateResult | typeof nothing {
    const state = this.#volunteer.value;
    if (state === undefined) return nothing;
    return html`
      <div class="stack">
        <h1>Volunteer with this tab</h1>
        <p class="soft">
          While this tab stays open it can pass on encrypted cells for other people, in the middle of their
          circuits, or at their start while the network is small.
        </p>
        ${this.#switch(state)} ${state.name === "on" ? counters(state.stats) : nothing}
        ${
          state.name === "on"
            ? html`<p class="soft small">
                This relay is called
                <code data-testid="relay-id" data-value=${state.relay}>${shortId(state.relay)}</code> until
                you switch it off.
              </p>`
            : nothing
        }
        ${consent()}
      </div>
    `;
  }

  #switch(state: VolunteerState): TemplateResult {
    const on = state.name === "on" || state.name === "starting";
    return html`<section class="card switch ${state.name}">
      <button
        type="button"
        role="switch"
        aria-checked=${on ? "true" : "false"}
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
          ${volunteerText(state)}
        </p>
      </div>
    </section>`;
  }

  #toggle(): void {
    const { services, value } = this.#volunteer;
    if (value?.name === "on" || value?.name === "starting") services?.volunteer.stop();
    else services?.volunteer.start();
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
    ${counter("relay-circuits-total", "Circuits so far", String(circuitsTotal), circuitsTotal)}
    ${counter("relay-bytes-in", "Received", bytes(cellsIn), cellsIn * CELL_LENGTH)}
    ${counter("relay-bytes-out", "Sent on", bytes(cellsOut), cellsOut * CELL_LENGTH)}
    ${counter("relay-links", "Links to relays", String(relayLinks), relayLinks)}
    ${counter("client-links", "Links to clients", String(clientLinks), clientLinks)}
  </dl>`;
}

function counter(id: string, label: string, text: string, value: number): TemplateResult {
  return html`<div>
    <dt>${label}</dt>
    <dd data-testid=${id} data-value=${value}>${text}</dd>
  </div>`;
}

function consent(): TemplateResult {
  return html`<section class="stack consent" aria-labelledby="consent">
    <h2 id="consent">Before you switch it on</h2>
    <ul>
      <li>
        <strong>What you pass on:</strong> cells that are encrypted for others. You cannot read them, and
        never learn both who sent them and where they go.
      </li>
      <li><strong>Never an exit:</strong> no site is contacted from your connection on behalf of others.</li>
      <li>
        <strong>What others see:</strong> your network address is visible to the directory and to the peers
        you link with, and it is public that you run a relay.
      </li>
      <li>
        <strong>What it costs:</strong> upload and download of your connection, and some battery. Not for
        metered connections.
      </li>
      <li>
        <strong>When it ends:</strong> at once, when you switch it off or close the tab. Circuits that passed
        here are rebuilt by their owners.
      </li>
    </ul>
  </section>`;
}
