import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { isWaiting } from "../../browsing/downloads.ts";
import { isBusy, type Tab } from "../../browsing/tab.ts";
import { shared } from "../../styles/shared.ts";
import { asks, type FrameCommand } from "../commands.ts";
import { icons } from "../icons.ts";
import { InSession } from "../in-session.ts";
import { Narrow } from "../narrow.ts";
import { isFetched } from "../sheets/site-facts.ts";
import { toolbarStyles } from "./styles.ts";
import type { TaborAddress } from "./tabor-address.ts";
import "./tabor-address.ts";

interface ButtonParts {
  readonly command: FrameCommand;
  readonly label: string;
  readonly icon: TemplateResult;
  readonly id: string;
  readonly disabled?: boolean;
  readonly kind?: string;
}

/** Back, forward, reload or stop; what the site is; the address; level, downloads, new identity, menu. */
@customElement("tabor-toolbar")
export class TaborToolbar extends LitElement {
  static override readonly styles = [shared, toolbarStyles];

  readonly #in = new InSession(this);
  readonly #narrow = new Narrow(this);

  override focus(): void {
    this.renderRoot.querySelector<TaborAddress>("tabor-address")?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const { tab, value } = this.#in;
    if (tab === undefined || value === undefined) return nothing;
    const own = tab.page.kind === "own" && tab.load === undefined;
    const address = html`<tabor-address>
      <div slot="before">${siteButton(tab)}</div>
      ${this.#narrow.value ? html`<div slot="after">${reloadButton(tab, own)}</div>` : nothing}
    </tabor-address>`;
    if (this.#narrow.value) return address;
    return html`
      <div class="bar" role="group" aria-label="Navigation">
        ${travelButtons(tab)} ${reloadButton(tab, own)}
      </div>
      ${address}
      <div class="bar" role="group" aria-label="Tools">
        ${levelButton(tab)} ${button({ ...DOWNLOADS, kind: value.downloads.some(isWaiting) ? "marked" : "" })}
        ${button(IDENTITY)} ${button(MENU)}
      </div>
    `;
  }
}

const DOWNLOADS = {
  command: "downloads",
  label: "Downloads",
  icon: icons.download,
  id: "downloads",
} as const;
const IDENTITY = {
  command: "new-identity",
  label: "New identity",
  icon: icons.identity,
  id: "new-identity",
} as const;
export const MENU = { command: "menu", label: "Menu", icon: icons.menu, id: "menu" } as const;

/** Back and forward, here or at the bottom of a phone. */
export function travelButtons({ history: { entries, index }, load }: Tab): TemplateResult {
  const stays = load?.byPerson === true;
  return html`
    ${button({
      command: "back",
      label: "Back",
      icon: icons.back,
      id: "back",
      disabled: index === 0 && !stays,
    })}
    ${button({
      command: "forward",
      label: "Forward",
      icon: icons.forward,
      id: "forward",
      disabled: index === entries.length - 1,
    })}
  `;
}

function reloadButton(tab: Tab, disabled: boolean): TemplateResult {
  return isBusy(tab)
    ? button({ command: "stop", label: "Stop", icon: icons.stop, id: "stop" })
    : button({ command: "reload", label: "Reload", icon: icons.reload, id: "reload", disabled });
}

export function levelButton({ level }: Tab): TemplateResult {
  const safest = level === "safest";
  return button({
    command: "level",
    label: `Security level: ${safest ? "Safest" : "Standard"}`,
    icon: safest ? icons.shield : icons.shieldOpen,
    id: "level",
  });
}

/** What is known of the site, in a sign: encrypted to the site, or not. */
function siteButton({ page, load }: Tab): TemplateResult {
  const common = { command: "site-information", id: "site" } as const;
  if (load?.byPerson === true || page.kind !== "document")
    return button({ ...common, label: "About this page", icon: icons.about });
  if (page.site.tls !== undefined) return button({ ...common, label: "Encrypted", icon: icons.lock });
  if (isFetched(page.site))
    return html`${button({ ...common, label: "Read by the exit", icon: icons.unlocked, kind: "open" })}`;
  return html`${button({ ...common, label: "Not encrypted", icon: icons.unlocked, kind: "open" })}`;
}

export function button({ command, label, icon, id, disabled, kind }: ButtonParts): TemplateResult {
  return html`<button
    class="icon ${kind ?? ""}"
    type="button"
    aria-label=${label}
    title=${label}
    data-testid=${id}
    ?disabled=${disabled ?? false}
    @click=${asks(command)}
  >
    ${icon}
  </button>`;
}
