import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import type { Hours, OwnLimits } from "../../volunteer/settings.ts";
import { Watched } from "../watched.ts";
import { limitStyles } from "./styles.ts";

type Amount = "upload" | "download" | "perDay" | "perMonth" | "circuits";

const RATES = [64, 128, 256, 512, 1024, 2048, 4096];
const CHOICES: Readonly<Record<Amount, readonly number[]>> = {
  upload: RATES,
  download: RATES,
  perDay: [1, 2, 5, 10, 20, 50, 100],
  perMonth: [10, 50, 100, 200, 500, 1024],
  circuits: [10, 25, 50, 100, 200, 500],
};
const LABELS: Readonly<Record<Amount, string>> = {
  upload: "Upload at most",
  download: "Download at most",
  perDay: "Data per day",
  perMonth: "Data per month",
  circuits: "Circuits at a time",
};
const NIGHT: Hours = { from: 22, to: 7 };
const NO_LIMIT = "";

/** What the volunteer allows. What is changed holds at once. */
@customElement("tabor-volunteer-limits")
export class TaborVolunteerLimits extends LitElement {
  static override readonly styles = [shared, limitStyles];

  readonly #settings = new Watched(this, ({ volunteer }) => volunteer.settings);

  override render(): TemplateResult | typeof nothing {
    const settings = this.#settings.value;
    if (settings === undefined) return nothing;
    const { limits } = settings;
    return html`<section class="card stack" aria-labelledby="limits">
      <h2 id="limits">Your limits</h2>
      <div class="fields">
        ${this.#amount("upload", limits)} ${this.#amount("download", limits)}
        ${this.#amount("perDay", limits)} ${this.#amount("perMonth", limits)}
        ${this.#amount("circuits", limits)}
      </div>
      <p class="soft small">
        A relay sends on what it receives, so the lower of the two rates holds both ways. Data counts both
        ways together; from 95 % on there are no new circuits.
      </p>
      ${this.#flags(limits)}
    </section>`;
  }

  #amount(name: Amount, limits: OwnLimits): TemplateResult {
    const value = limits[name];
    const choices = [...new Set([...CHOICES[name], ...(value === undefined ? [] : [value])])];
    choices.sort((a, b) => a - b);
    return html`<label>
      <span>${LABELS[name]}</span>
      <select
        data-testid="limit-${name}"
        @change=${(event: Event) => {
          const text = (event.currentTarget as HTMLSelectElement).value;
          this.#change({ [name]: text === NO_LIMIT ? undefined : Number(text) });
        }}
      >
        ${choices.map(
          (choice) =>
            html`<option value=${choice} ?selected=${choice === value}>${amountText(name, choice)}</option>`,
        )}
        <option value=${NO_LIMIT} ?selected=${value === undefined}>No limit</option>
      </select>
    </label>`;
  }

  #hours({ hours }: OwnLimits): TemplateResult {
    return html`<div class="hours">
      ${this.#flag("limit-hours", "Only at certain hours", hours !== undefined, (isSet) => {
        this.#change({ hours: isSet ? NIGHT : undefined });
      })}
      ${
        hours === undefined
          ? nothing
          : html`<span class="span">
              ${this.#hour("from", "from", hours)} ${this.#hour("to", "to", hours)}
            </span>`
      }
    </div>`;
  }

  #hour(end: keyof Hours, label: string, hours: Hours): TemplateResult {
    const other = hours[end === "from" ? "to" : "from"];
    const choices = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => hour !== other);
    return html`<label>
      <span>${label}</span>
      <select
        data-testid="limit-${end}"
        @change=${(event: Event) => {
          this.#change({
            hours: { ...hours, [end]: Number((event.currentTarget as HTMLSelectElement).value) },
          });
        }}
      >
        ${choices.map(
          (hour) =>
            html`<option value=${hour} ?selected=${hour === hours[end]}>
              ${String(hour).padStart(2, "0")}:00
            </option>`,
        )}
      </select>
    </label>`;
  }

  #flags(limits: OwnLimits): TemplateResult {
    const { onMetered, onBattery, keepAwake } = limits;
    const surroundings = this.#settings.services?.volunteer.surroundings.value;
    const unknown = (known: boolean | undefined): string =>
      known === undefined ? " (this browser does not tell)" : "";
    return html`<div class="flags">
      ${this.#hours(limits)}
      ${this.#flag(
        "limit-metered",
        `Also on metered connections${unknown(surroundings?.isMetered)}`,
        onMetered,
        (isSet) => {
          this.#change({ onMetered: isSet });
        },
      )}
      ${this.#flag(
        "limit-battery",
        `Also on battery${unknown(surroundings?.isOnBattery)}`,
        onBattery,
        (isSet) => {
          this.#change({ onBattery: isSet });
        },
      )}
      ${
        "wakeLock" in navigator
          ? this.#flag("limit-awake", "Keep the screen on while Tabor is in view", keepAwake, (isSet) => {
              this.#change({ keepAwake: isSet });
            })
          : nothing
      }
    </div>`;
  }

  #flag(id: string, label: string, isSet: boolean, changed: (isSet: boolean) => void): TemplateResult {
    return html`<label class="flag">
      <input
        type="checkbox"
        data-testid=${id}
        .checked=${isSet}
        @change=${(event: Event) => {
          changed((event.currentTarget as HTMLInputElement).checked);
        }}
      />
      <span>${label}</span>
    </label>`;
  }

  #change(change: Partial<OwnLimits>): void {
    const settings = this.#settings.value;
    if (settings === undefined) return;
    this.#settings.services?.volunteer.change({ limits: { ...settings.limits, ...change } });
  }
}

function amountText(name: Amount, value: number): string {
  switch (name) {
    case "upload":
    case "download":
      return value >= 1024 ? `${String(value / 1024)} MiB/s` : `${String(value)} KiB/s`;
    case "perDay":
    case "perMonth":
      return value >= 1024 ? `${String(value / 1024)} TiB` : `${String(value)} GiB`;
    case "circuits":
      return String(value);
  }
}
