import { ContextProvider } from "@lit/context";
import type { TabId } from "@tabor/browsing";
import type { Cancel } from "@tabor/onion-core";
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { isWaiting } from "../../browsing/downloads.ts";
import { commandOf } from "../../browsing/shortcuts.ts";
import { isBusy } from "../../browsing/tab.ts";
import { servicesContext, type Services } from "../../services/contexts.ts";
import type { KeyPress } from "../../services/view-agent.ts";
import { shared } from "../../styles/shared.ts";
import { asks, type CommandEvent, type FrameCommand } from "../commands.ts";
import { icons } from "../icons.ts";
import { Narrow } from "../narrow.ts";
import { areaKind } from "../pages/page-text.ts";
import { isMac } from "../platform.ts";
import type { TaborSheet } from "../sheets/tabor-sheet.ts";
import { button, MENU, travelButtons, type TaborToolbar } from "../toolbar/tabor-toolbar.ts";
import { noticeStyles } from "./notice-styles.ts";
import { SESSION_ACTIONS } from "./session-actions.ts";
import { SheetFocus } from "./sheet-focus.ts";
import { isSheet, sheetContent, SHEETS, type SheetName } from "./sheets.ts";
import { styles } from "./styles.ts";
import type { TaborFindBar } from "./tabor-find-bar.ts";
import { ViewFrames } from "./view-frames.ts";
import "../connection/tabor-status-chip.ts";
import "../pages/tabor-page-area.ts";
import "../sheets/tabor-sheet.ts";
import "../tabs/tabor-tab-strip.ts";
import "./tabor-find-bar.ts";
import "./tabor-update-notice.ts";

/** The whole browser: tabs, toolbar, the page, and what lies over it for a while. */
@customElement("tabor-frame")
export class TaborFrame extends LitElement {
  static override readonly styles = [shared, styles, noticeStyles];

  readonly #provider = new ContextProvider(this, { context: servicesContext });
  readonly #frames = new ViewFrames(this, () => this.services?.session.state.value.tabs ?? []);
  readonly #narrow = new Narrow(this);
  readonly #sheetFocus = new SheetFocus();

  @property({ attribute: false }) services: Services | undefined;
  @state() private sheet: SheetName | undefined;
  /** Each sheet is an element of its own: what one says too late, on its way out, closes no other. */
  #sheets = 0;
  /** The tab in whose page something is looked for. */
  @state() private finding: TabId | undefined;
  #cancels: readonly Cancel[] = [];
  #isUpdating = false;
  /** Downloads up to this one have been shown. */
  #offered = 0;

  constructor() {
    super();
    this.addController({
      hostConnected: () => {
        addEventListener("keydown", this.#keyed);
        addEventListener("beforeunload", this.#leaving);
        this.#subscribe();
      },
      hostDisconnected: () => {
        removeEventListener("keydown", this.#keyed);
        removeEventListener("beforeunload", this.#leaving);
        for (const cancel of this.#cancels) cancel();
      },
    });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("services") && this.services !== undefined) {
      this.#provider.setValue(this.services);
      this.#subscribe();
    }
    const state = this.services?.session.state.value;
    if (state === undefined) return;
    if (this.finding !== undefined && this.finding !== this.services?.session.tab.id)
      this.finding = undefined;
    const newest = Math.max(0, ...state.downloads.filter(isWaiting).map(({ id }) => id));
    if (newest > this.#offered) this.sheet ??= "downloads";
    this.#offered = Math.max(this.#offered, newest);
  }

  override updated(): void {
    const tab = this.services?.session.tab;
    if (tab === undefined) return;
    const shown = areaKind(tab) === "document";
    this.#frames.show(shown ? tab.id : undefined);
    // Whoever has opened an address wants to scroll the page, not the frame.
    if (shown && this.renderRoot.querySelector("main")?.matches(":focus") === true)
      this.#frames.focus(tab.id);
  }

  override render(): TemplateResult | typeof nothing {
    if (this.services === undefined) return nothing;
    const narrow = this.#narrow.value;
    return html`
      <div class="frame" @frame-command=${this.#commanded} @sheet-closed=${this.#closed}>
        ${narrow ? nothing : header()}
        <nav class="tools" aria-label="Toolbar">
          <tabor-toolbar @address-gone=${this.#gone}></tabor-toolbar>
          ${narrow ? chip() : nothing}
        </nav>
        ${
          this.finding === undefined
            ? nothing
            : html`<tabor-find-bar .tab=${this.finding} @sheet-closed=${this.#found}></tabor-find-bar>`
        }
        <tabor-update-notice @update-accepted=${this.#updating}></tabor-update-notice>
        ${this.services.session.state.value.notForgotten ? this.#notForgotten() : nothing}
        <main tabindex="-1">
          <tabor-page-area><slot></slot></tabor-page-area>
        </main>
        ${narrow ? this.#bottom() : nothing} ${this.sheet === undefined ? nothing : this.#sheet(this.sheet)}
      </div>
    `;
  }

  #bottom(): TemplateResult | typeof nothing {
    const session = this.services?.session;
    if (session === undefined) return nothing;
    const { length } = session.state.value.tabs;
    const label = length === 1 ? "1 tab" : `${String(length)} tabs`;
    const count = html`<span class="count" aria-hidden="true">${length}</span>`;
    return html`<nav class="bottom" aria-label="Navigation">
      ${travelButtons(session.tab)}
      ${button({ command: "new-tab", label: "New tab", icon: icons.add, id: "new-tab" })}
      ${button({ command: "tabs", label, icon: count, id: "tabs" })} ${button(MENU)}
    </nav>`;
  }

  #notForgotten(): TemplateResult {
    const accept = (): void => {
      this.services?.session.acceptNotForgotten();
    };
    return html`<div class="notice" role="alert" data-testid="not-forgotten">
      <p>
        Not everything could be forgotten: this browser may still have cookies and data that pages with
        scripts left before the new identity, as the view's server did not answer. Clear the browser's data
        for this site, or the next pages with scripts may know you again.
      </p>
      <button type="button" @click=${accept}>Understood</button>
    </div>`;
  }

  #sheet(name: SheetName): TemplateResult {
    const { heading, place } = SHEETS[name];
    return html`${keyed(
      this.#sheets,
      html`<tabor-sheet data-testid="sheet-${name}" .heading=${heading} .place=${place}>
        ${sheetContent(name)}
      </tabor-sheet>`,
    )}`;
  }

  readonly #commanded = ({ command }: CommandEvent): void => {
    this.#closed();
    this.#run(command);
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (this.#press(event)) event.preventDefault();
  };

  /** @returns whether the key was for us. */
  #press(press: KeyPress): boolean {
    const session = this.services?.session;
    const command = commandOf(press, isMac());
    if (session === undefined || command === undefined || this.#isCovered()) return false;
    this.#closed();
    const isPage = session.tab.page.kind === "document";
    // Pages of our own are searched and enlarged by the browser itself.
    if (!isPage && (command.startsWith("find") || command.startsWith("zoom"))) return false;
    if (command === "stop" && !isBusy(session.tab)) return false;
    this.#run(command);
    return true;
  }

  /** Between a sheet's closing and its saying so keys are ours again. */
  #isCovered(): boolean {
    return this.sheet !== undefined && this.#sheetElement?.isOpen !== false;
  }

  get #sheetElement(): TaborSheet | null {
    return this.renderRoot.querySelector<TaborSheet>("tabor-sheet");
  }

  #run(command: FrameCommand): void {
    const session = this.services?.session;
    if (session === undefined) return;
    SESSION_ACTIONS[command]?.(session);
    if (command === "new-tab" || command === "address") this.#focusAddress();
    else if (isSheet(command)) this.#open(command);
    else if (command.startsWith("find")) this.#find(command);
  }

  #open(sheet: SheetName): void {
    this.#sheetFocus.keep();
    this.#sheets++;
    this.sheet = sheet;
  }

  readonly #closed = (): void => {
    if (this.sheet === undefined) return;
    // While it is open nothing beneath can be given the focus.
    this.#sheetElement?.close();
    this.sheet = undefined;
    this.#sheetFocus.restore();
  };

  #find(command: FrameCommand): void {
    const tab = this.services?.session.tab;
    if (tab?.page.kind !== "document") return;
    const bar = this.renderRoot.querySelector<TaborFindBar>("tabor-find-bar");
    if (bar === null) this.finding = tab.id;
    else if (command === "find") bar.focus();
    else void bar.find(command === "find-next" ? "forward" : "backward");
  }

  readonly #found = (event: Event): void => {
    event.stopPropagation();
    if (this.finding !== undefined) this.#frames.focus(this.finding);
    this.finding = undefined;
  };

  readonly #gone = (): void => {
    this.renderRoot.querySelector("main")?.focus();
  };

  #focusAddress(): void {
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<TaborToolbar>("tabor-toolbar")?.focus(),
    );
  }

  readonly #updating = (): void => {
    this.#isUpdating = true;
  };

  /** Leaving ends every tab: the browser asks first, unless the person was just told so. */
  readonly #leaving = (event: BeforeUnloadEvent): void => {
    if (this.#isUpdating) return;
    const tabs = this.services?.session.state.value.tabs ?? [];
    if (tabs.some(({ page }) => page.kind === "document")) event.preventDefault();
  };

  #subscribe(): void {
    for (const cancel of this.#cancels) cancel();
    if (this.services === undefined) return;
    const { session, view } = this.services;
    this.#cancels = [
      session.state.subscribe(() => {
        this.requestUpdate();
      }),
      view.subscribe((event) => {
        if (event.type === "key") this.#press(event.press);
        else if (event.type === "arrived" && this.#frames.hasFocus(event.tab)) view.focus(event.tab);
      }),
    ];
  }
}

function header(): TemplateResult {
  return html`<header>
    <span class="brand" title="Tabor, the tab onion router">${icons.brand}</span>
    <tabor-tab-strip></tabor-tab-strip>
    <span class="space"></span>
    <button class="quiet" type="button" data-testid="view-volunteer" @click=${asks("volunteer")}>
      ${icons.volunteer} Volunteer
    </button>
    ${chip()}
  </header>`;
}

function chip(): TemplateResult {
  return html`<button class="quiet chip" type="button" title="Network" @click=${asks("network")}>
    <tabor-status-chip></tabor-status-chip>
  </button>`;
}
