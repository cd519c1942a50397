import { html, type TemplateResult } from "lit";
import { isBusy, type Tab } from "../../browsing/tab.ts";
import { icons } from "../icons.ts";

/** What stands before a tab's title: that it loads, the site's own picture, or ours. */
export function tabIcon(tab: Tab): TemplateResult {
  const { page } = tab;
  if (isBusy(tab)) return html`<span class="spinner" aria-hidden="true"></span>`;
  if (page.kind === "own") return html`<span class="mark">${icons.brand}</span>`;
  if (page.kind === "document" && page.icon !== undefined)
    return html`<img src=${page.icon} alt="" width="16" height="16" />`;
  return html`<span class="mark">${page.kind === "document" ? icons.page : icons.warning}</span>`;
}
