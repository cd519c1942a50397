import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { noticeStyles } from "./notice-styles.ts";

/** Says that a newer version is there, and what taking it does. Sends `update-accepted` before the page is loaded anew. */
@customElement("tabor-update-notice")
export class TaborUpdateNotice extends LitElement {
  static override readonly styles = [shared, noticeStyles];

  readonly #offer = new Watched(this, ({ update }) => update.isOffered);
  /** The next opening asks again. */
  @state() private isPutOff = false;

  override render(): TemplateResult | typeof nothing {
    if (this.#offer.value !== true || this.isPutOff) return nothing;
    const putOff = (): void => {
      this.isPutOff = true;
    };
    return html`<div class="notice" role="status" data-testid="update">
      <p>
        <strong>A new version is there.</strong> Updating opens Tabor anew in this tab: the pages that are
        open in it are closed, and a relay in it begins again. Until then nothing changes.
      </p>
      <div class="choices">
        <button class="primary" type="button" data-testid="update-accept" @click=${this.#accept}>
          Update
        </button>
        <button type="button" data-testid="update-later" @click=${putOff}>Later</button>
      </div>
    </div>`;
  }

  readonly #accept = (): void => {
    this.dispatchEvent(new Event("update-accepted"));
    this.#offer.services?.update.accept();
  };
}
