import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import type { VolunteerState } from "../../services/volunteer.ts";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { connectionText } from "./connection-text.ts";
import { chipStyles } from "./styles.ts";

/** How things stand, in a word, in every view. */
@customElement("tabor-status-chip")
export class TaborStatusChip extends LitElement {
  static override readonly styles = [shared, chipStyles];

  readonly #network = new Watched(this, ({ network }) => network.state);
  readonly #volunteer = new Watched(this, ({ volunteer }) => volunteer.state);

  override render(): TemplateResult | typeof nothing {
    const state = this.#network.value;
    const clock = this.#network.services?.clock;
    if (state === undefined || clock === undefined) return nothing;
    const { tone, percent, headline } = connectionText(state, clock.monotonic());
    const ready = tone === "ready";
    return html`
      ${helping(this.#volunteer.value)}
      <span class="chip ${tone}" data-testid="status" data-tone=${tone} title=${headline}>
        <span class="dot"></span>
        ${ready ? nothing : html`<span class="short" aria-hidden="true">${percent} %</span>`}
        <span class="words">${ready ? headline : `${headline}, ${String(percent)} %`}</span>
      </span>
    `;
  }
}

function helping(state: VolunteerState | undefined): TemplateResult | typeof nothing {
  if (state?.name !== "on") return nothing;
  return html`<span class="chip ready"><span class="dot"></span><span class="words">Relaying</span></span>`;
}
