import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { shared } from "../../styles/shared.ts";
import { SheetClosedEvent } from "../commands.ts";
import { icons } from "../icons.ts";

/**
 * Something that lies over the page until it is closed: beside the toolbar where there is room, from below on a phone.
 * It is open for as long as it is there.
 *
 * @fires sheet-closed - The person has closed it.
 */
@customElement("tabor-sheet")
export class TaborSheet extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host {
        display: contents;
      }
      dialog {
        width: min(25rem, calc(100vw - 2rem));
        max-width: none;
        max-height: calc(100dvh - 7rem);
        padding: 0;
        color: var(--tabor-ink);
        background: var(--tabor-surface);
        border: 1px solid var(--tabor-line);
        border-radius: var(--tabor-radius);
        box-shadow: var(--tabor-shadow);
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 18%);
      }
      .start {
        margin: 6rem auto auto 8.5rem;
      }
      .end {
        margin: 6rem 0.75rem auto auto;
      }
      .wide {
        width: min(38rem, calc(100vw - 2rem));
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--tabor-space-3);
        padding: var(--tabor-space-2) var(--tabor-space-2) var(--tabor-space-2) var(--tabor-space-4);
        border-bottom: 1px solid var(--tabor-line);
      }
      h2 {
        overflow-wrap: anywhere;
        font-size: var(--tabor-text-m);
      }
      .content:focus-visible {
        outline-offset: -2px;
      }
      .content {
        overflow: auto;
        padding: var(--tabor-space-4);
      }
      @media (max-width: 48rem) {
        dialog:is(.start, .end, .center) {
          width: 100%;
          max-height: 85dvh;
          margin: auto 0 0;
          border-width: 1px 0 0;
          border-radius: var(--tabor-radius) var(--tabor-radius) 0 0;
          padding-bottom: env(safe-area-inset-bottom);
        }
      }
      @media (prefers-reduced-motion: no-preference) {
        dialog[open] {
          animation: rise 140ms ease-out;
        }
        @keyframes rise {
          from {
            opacity: 0;
            translate: 0 0.5rem;
          }
        }
      }
    `,
  ];

  @property() heading = "";
  /** Where it lies when there is room. */
  @property() place: "start" | "end" | "center" = "center";

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  /** `sheet-closed` comes some time after it no longer is. */
  get isOpen(): boolean {
    return this.#dialog?.open ?? true;
  }

  readonly close = (): void => {
    this.#dialog?.close();
  };

  override firstUpdated(): void {
    this.#dialog?.showModal();
  }

  override render(): TemplateResult {
    return html`<dialog
      class="${this.place} ${this.place === "center" ? "wide" : ""}"
      aria-labelledby="heading"
      @close=${this.#closed}
      @click=${this.#clicked}
    >
      <div class="head">
        <h2 id="heading">${this.heading}</h2>
        <button class="icon" type="button" aria-label="Close" data-testid="sheet-close" @click=${this.close}>
          ${icons.stop}
        </button>
      </div>
      <div class="content" tabindex="0"><slot></slot></div>
    </dialog>`;
  }

  readonly #closed = (): void => {
    this.dispatchEvent(new SheetClosedEvent());
  };

  /** What surrounds a dialog is its backdrop, a click on which has the dialog itself as its target. */
  readonly #clicked = (event: MouseEvent): void => {
    if (event.target === this.#dialog && event.detail > 0) this.close();
  };
}
