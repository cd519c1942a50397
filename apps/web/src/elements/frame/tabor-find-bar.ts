import type { TabId } from "@tabor/browsing";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { FindDirection, FindResult } from "../../services/view-agent.ts";
import { shared } from "../../styles/shared.ts";
import { SheetClosedEvent } from "../commands.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";

/**
 * Finds text in the page of a tab, for as long as it is there.
 *
 * @fires sheet-closed - The person has found it.
 */
@customElement("tabor-find-bar")
export class TaborFindBar extends LitElement {
  static override readonly styles = [
    shared,
    css`
      form {
        display: flex;
        align-items: center;
        gap: var(--tabor-space-1);
        padding: var(--tabor-space-1) var(--tabor-space-3);
        background: var(--tabor-surface);
        border-bottom: 1px solid var(--tabor-line);
      }
      input {
        flex: 0 1 20rem;
        min-width: 0;
        height: var(--tabor-touch);
        padding: 0 var(--tabor-space-3);
        font: inherit;
        color: inherit;
        background: var(--tabor-sunken);
        border: 1px solid var(--tabor-line-strong);
        border-radius: var(--tabor-radius-s);
      }
      p {
        flex: 1;
        min-width: 5rem;
        padding-inline-start: var(--tabor-space-2);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  readonly #in = new InSession(this);

  @property({ attribute: false }) tab: TabId | undefined;
  @state() private result: FindResult | undefined;
  #turn = 0;

  constructor() {
    super();
    this.addController({
      hostDisconnected: () => {
        if (this.tab !== undefined) void this.#in.services?.view.find(this.tab, "", "forward");
      },
    });
  }

  private get input(): HTMLInputElement | null {
    return this.renderRoot.querySelector("input");
  }

  override firstUpdated(): void {
    this.focus();
  }

  override focus(): void {
    this.input?.focus();
    this.input?.select();
  }

  /** To the next place that has it, or the one before. */
  async find(direction: FindDirection): Promise<void> {
    const query = this.input?.value ?? "";
    const view = this.#in.services?.view;
    if (view === undefined || this.tab === undefined) return;
    const turn = ++this.#turn;
    const result = await view.find(this.tab, query, direction).catch(() => ({ count: 0, current: 0 }));
    if (turn === this.#turn) this.result = query === "" ? undefined : result;
  }

  override render(): TemplateResult {
    return html`<form
      role="search"
      aria-label="Find in the page"
      @submit=${this.#submit}
      @keydown=${this.#keyed}
    >
      <label class="hidden-visually" for="query">Text to find</label>
      <input
        id="query"
        data-testid="find"
        type="text"
        placeholder="Find in the page"
        autocomplete="off"
        spellcheck="false"
        enterkeyhint="search"
        @input=${() => this.find("forward")}
      />
      <p role="status" class="small soft" data-testid="found">${this.#words()}</p>
      ${this.#button("Previous", icons.up, () => void this.find("backward"))}
      ${this.#button("Next", icons.down, () => void this.find("forward"))}
      ${this.#button("Close", icons.stop, this.#close)}
    </form>`;
  }

  #words(): string | typeof nothing {
    if (this.result === undefined) return nothing;
    const { count, current } = this.result;
    return count === 0 ? "Not found" : `${String(current)} of ${String(count)}`;
  }

  #button(label: string, icon: TemplateResult, act: () => void): TemplateResult {
    return html`<button class="icon" type="button" aria-label=${label} title=${label} @click=${act}>
      ${icon}
    </button>`;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.find("forward");
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && event.shiftKey) void this.find("backward");
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #close = (): void => {
    this.dispatchEvent(new SheetClosedEvent());
  };
}
