import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { chordKeys, shownChords, SHORTCUTS, type Chord } from "../../browsing/shortcuts.ts";
import { shared } from "../../styles/shared.ts";
import { isMac } from "../platform.ts";
import { sheetStyles } from "./sheet-styles.ts";

/** All shortcuts, and which of them the browser may keep for itself. */
@customElement("tabor-shortcuts-sheet")
export class TaborShortcutsSheet extends LitElement {
  static override readonly styles = [
    shared,
    sheetStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: var(--tabor-space-1) 0;
        border-bottom: 1px solid var(--tabor-line);
        font-weight: 400;
        text-align: start;
        vertical-align: baseline;
      }
      td {
        text-align: end;
      }
      kbd {
        padding: 0.05rem 0.35rem;
        border: 1px solid var(--tabor-line-strong);
        border-radius: var(--tabor-radius-s);
        font: 0.8125rem var(--tabor-font);
        white-space: nowrap;
      }
      .chord {
        display: inline-block;
        white-space: nowrap;
        margin-inline-start: var(--tabor-space-3);
      }
    `,
  ];

  override render(): TemplateResult {
    return html`
      <table>
        <caption class="hidden-visually">
          Keyboard shortcuts
        </caption>
        <tbody>
          ${SHORTCUTS.map(
            (shortcut) =>
              html`<tr>
                <th scope="row">${shortcut.label}</th>
                <td>${shownChords(shortcut, isMac()).map(chord)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      <p class="soft small">
        * Browsers keep these for their own tabs, unless Tabor is installed and has a window of its own. The
        other one works everywhere. Among the tabs: arrows change the tab, Ctrl and Shift with an arrow move
        it, Delete closes it.
      </p>
    `;
  }
}

function chord(shown: Chord): TemplateResult {
  const keys = chordKeys(shown, isMac());
  return html`<span class="chord"
    >${keys.map((key, index) => html`${index === 0 ? nothing : " "}<kbd>${key}</kbd>`)}${
      shown.kept === true ? " *" : nothing
    }</span
  >`;
}
