import type { SecurityLevel } from "@tabor/browsing";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import type { StandardSupport } from "../../services/contexts.ts";
import { shared } from "../../styles/shared.ts";
import { InSession } from "../in-session.ts";
import { Watched } from "../watched.ts";
import { sheetStyles } from "./sheet-styles.ts";

const WHY: Readonly<Record<StandardSupport, string>> = {
  available: "This browser was seen to hold pages to the circuit.",
  checking: "Tabor is finding out whether this browser can hold such pages to the circuit.",
  unavailable:
    "Not available: this browser does not enforce Connection-Allowlist, so a page's scripts could go around the circuit and reveal you.",
};

/** Scripts or none, for the tab that is shown. */
@customElement("tabor-level-sheet")
export class TaborLevelSheet extends LitElement {
  static override readonly styles = [
    shared,
    sheetStyles,
    css`
      fieldset {
        display: grid;
        gap: var(--tabor-space-3);
        margin: 0;
        padding: 0;
        border: 0;
        min-width: 0;
      }
      label {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--tabor-space-1) var(--tabor-space-3);
        padding: var(--tabor-space-3) var(--tabor-space-4);
        border: 1px solid var(--tabor-line-strong);
        border-radius: var(--tabor-radius-s);
        cursor: pointer;
      }
      label:has(:checked) {
        border-color: var(--tabor-accent);
        background: var(--tabor-accent-wash);
      }
      label:has(:disabled) {
        cursor: default;
        background: var(--tabor-sunken);
      }
      label > span {
        grid-column: 2;
      }
      input {
        accent-color: var(--tabor-accent);
        width: 1.1rem;
        height: 1.1rem;
        margin: 0.15rem 0 0;
      }
    `,
  ];

  readonly #in = new InSession(this);
  readonly #standard = new Watched(this, ({ standard }) => standard);

  override render(): TemplateResult | typeof nothing {
    const { tab } = this.#in;
    const support = this.#standard.value;
    if (tab === undefined || support === undefined) return nothing;
    return html`
      <fieldset>
        <legend class="hidden-visually">Security level of this tab</legend>
        ${this.#choice({
          level: "safest",
          name: "Safest",
          text: "No scripts, no web fonts, no SVG. Pictures, styles, forms, logins and video work.",
          chosen: tab.level === "safest",
        })}
        ${this.#choice({
          level: "standard",
          name: "Standard",
          text: `Scripts run, so more sites work, and can tell more about your computer. ${WHY[support]}`,
          chosen: tab.level === "standard",
          disabled: support !== "available",
        })}
      </fieldset>
      <p class="soft small">The page is loaded again when you change this. New tabs begin with Safest.</p>
    `;
  }

  #choice({ level, name, text, chosen, disabled }: Choice): TemplateResult {
    return html`<label>
      <input
        type="radio"
        name="level"
        data-testid="level-${level}"
        .checked=${chosen}
        ?disabled=${disabled ?? false}
        @change=${() => this.#in.session?.setLevel(level)}
      />
      <strong>${name}</strong>
      <span class="small soft">${text}</span>
    </label>`;
  }
}

interface Choice {
  readonly level: SecurityLevel;
  readonly name: string;
  readonly text: string;
  readonly chosen: boolean;
  readonly disabled?: boolean;
}
