import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state as reactive } from "lit/decorators.js";
import { bytesText } from "../../browsing/bytes-text.ts";
import type { FetchReport, VolunteerState } from "../../services/volunteer.ts";
import { shared } from "../../styles/shared.ts";
import type { FetchSettings } from "../../volunteer/settings.ts";
import { sentence } from "../connection/connection-text.ts";
import { Watched } from "../watched.ts";
import { whatFetchingMeans } from "./consent.ts";
import { limitStyles, styles } from "./styles.ts";

/** The switch by which this browser is an exit that fetches, what that means, and its rules. */
@customElement("tabor-volunteer-exit")
export class TaborVolunteerExit extends LitElement {
  static override readonly styles = [shared, styles, limitStyles];

  readonly #state = new Watched(this, ({ volunteer }) => volunteer.state);
  readonly #settings = new Watched(this, ({ volunteer }) => volunteer.settings);
  /** The switch was pressed for the first time. */
  @reactive() private isAsking = false;

  override updated(changed: PropertyValues): void {
    if (changed.has("isAsking") && this.isAsking)
      this.renderRoot.querySelector<HTMLElement>("#fetch-consent")?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const [state, settings] = [this.#state.value, this.#settings.value];
    if (state === undefined || settings === undefined) return nothing;
    const { fetching } = settings;
    const report: FetchReport = state.name === "on" ? state.fetching : { name: "off" };
    const isFailed = report.name === "failed";
    return html`<section class="card stack">
      <div class="switch ${isFailed ? "failed" : ""}">
        <button
          type="button"
          role="switch"
          aria-checked=${fetching.isOn ? "true" : "false"}
          aria-label="Fetch for other people"
          aria-describedby="state"
          data-testid="fetch-switch"
          @click=${this.#toggle}
        >
          <span class="knob"></span>
        </button>
        <div>
          <h2 aria-hidden="true">Fetch for other people</h2>
          <p id="state" class="soft" role="status" data-testid="fetch-state" data-state=${report.name}>
            ${fetchText(fetching, report, state)}
          </p>
        </div>
      </div>
      ${this.isAsking ? this.#consent() : nothing} ${fetching.hasConsented ? this.#rules(fetching) : nothing}
      ${counts(report)}
      ${
        fetching.hasConsented && !this.isAsking
          ? html`<details>
              <summary>What fetching means</summary>
              ${whatFetchingMeans()}
            </details>`
          : nothing
      }
    </section>`;
  }

  #consent(): TemplateResult {
    return html`<div class="stack" data-testid="fetch-consent">
      <h3 id="fetch-consent" tabindex="-1">Before this browser becomes an exit</h3>
      ${whatFetchingMeans()}
      <div class="row">
        <button class="primary" type="button" data-testid="fetch-consent-yes" @click=${this.#agree}>
          I agree, fetch for others
        </button>
        <button
          type="button"
          data-testid="fetch-consent-no"
          @click=${() => {
            this.#answered();
          }}
        >
          Not now
        </button>
      </div>
    </div>`;
  }

  #rules({ rules }: FetchSettings): TemplateResult {
    return html`<label>
      <span>Rules of your own, before the default (for example <code>reject *:80</code>)</span>
      <input
        type="text"
        autocomplete="off"
        spellcheck="false"
        maxlength="4000"
        data-testid="fetch-rules"
        .value=${rules}
        @change=${(event: Event) => {
          this.#change({ rules: (event.currentTarget as HTMLInputElement).value });
        }}
      />
    </label>`;
  }

  #toggle(): void {
    const fetching = this.#settings.value?.fetching;
    if (fetching === undefined) return;
    if (fetching.isOn) this.#change({ isOn: false });
    else if (fetching.hasConsented) this.#change({ isOn: true });
    else this.isAsking = !this.isAsking;
  }

  #agree(): void {
    this.#change({ hasConsented: true, isOn: true });
    this.#answered();
  }

  #answered(): void {
    this.isAsking = false;
    this.renderRoot.querySelector<HTMLElement>("[role=switch]")?.focus();
  }

  #change(change: Partial<FetchSettings>): void {
    const { services, value } = this.#settings;
    if (value !== undefined) services?.volunteer.change({ fetching: { ...value.fetching, ...change } });
  }
}

function fetchText({ isOn }: FetchSettings, report: FetchReport, state: VolunteerState): string {
  if (!isOn) return "Off. This browser contacts no site for others.";
  if (state.name !== "on") return "It begins when the relay above runs.";
  switch (report.name) {
    case "off":
      return "Starting…";
    case "failed":
      return `Off: ${sentence(report.problem.message)}`;
    case "on":
      if (report.now === 0)
        return report.total === 0
          ? "On. Nobody has asked for anything yet."
          : "On. Nothing is fetched just now.";
      return report.now === 1
        ? "Fetching for one request now."
        : `Fetching for ${String(report.now)} requests now.`;
  }
}

function counts(report: FetchReport): TemplateResult | typeof nothing {
  if (report.name !== "on") return nothing;
  const { total, bytesIn, bytesOut } = report;
  return html`<dl data-testid="fetch-counts">
    ${count("fetched-total", "Requests since the start", String(total), total)}
    ${count("fetched-in", "From sites", bytesText(bytesIn), bytesIn)}
    ${count("fetched-out", "To sites", bytesText(bytesOut), bytesOut)}
  </dl>`;
}

function count(id: string, label: string, text: string, value: number): TemplateResult {
  return html`<div>
    <dt>${label}</dt>
    <dd data-testid=${id} data-value=${value}>${text}</dd>
  </div>`;
}
