import { html, type TemplateResult } from "lit";
import type { FrameCommand } from "../commands.ts";
import type { TaborSheet } from "../sheets/tabor-sheet.ts";
import "../sheets/tabor-downloads-sheet.ts";
import "../sheets/tabor-identity-sheet.ts";
import "../sheets/tabor-level-sheet.ts";
import "../sheets/tabor-menu-sheet.ts";
import "../sheets/tabor-shortcuts-sheet.ts";
import "../sheets/tabor-site-sheet.ts";
import "../tabs/tabor-tab-list.ts";

/** What lies over the page for a while, named by the command that asks for it. */
export const SHEETS = {
  menu: { heading: "Menu", place: "end" },
  tabs: { heading: "Tabs", place: "center" },
  level: { heading: "Security level of this tab", place: "end" },
  downloads: { heading: "Downloads", place: "end" },
  "site-information": { heading: "About this site", place: "start" },
  "new-identity": { heading: "A new identity?", place: "center" },
  shortcuts: { heading: "Keyboard shortcuts", place: "center" },
} as const satisfies Partial<Record<FrameCommand, Pick<TaborSheet, "heading" | "place">>>;

export type SheetName = keyof typeof SHEETS;

export function isSheet(command: FrameCommand): command is SheetName {
  return command in SHEETS;
}

export function sheetContent(name: SheetName): TemplateResult {
  switch (name) {
    case "menu":
      return html`<tabor-menu-sheet></tabor-menu-sheet>`;
    case "tabs":
      return html`<tabor-tab-list></tabor-tab-list>`;
    case "level":
      return html`<tabor-level-sheet></tabor-level-sheet>`;
    case "downloads":
      return html`<tabor-downloads-sheet></tabor-downloads-sheet>`;
    case "site-information":
      return html`<tabor-site-sheet></tabor-site-sheet>`;
    case "new-identity":
      return html`<tabor-identity-sheet></tabor-identity-sheet>`;
    case "shortcuts":
      return html`<tabor-shortcuts-sheet></tabor-shortcuts-sheet>`;
  }
}
