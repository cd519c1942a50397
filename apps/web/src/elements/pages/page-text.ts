import { bytesText } from "../../browsing/bytes-text.ts";
import { explain } from "@tabor/browsing/explain";
import type { OwnPage } from "../../browsing/own-page.ts";
import { isBusy, tabTitle, type Load, type Tab } from "../../browsing/tab.ts";
import { hostOf } from "../../browsing/typed-address.ts";

/** What the page area shows, as one word. */
export type AreaKind = OwnPage | "loading" | "document" | "failed" | "consent";

/** A page that is being left stays until there is another, but for what is not a site's. */
export function areaKind({ page, load }: Tab): AreaKind {
  if (page.kind === "document") return "document";
  if (load !== undefined) return "loading";
  return page.kind === "own" ? page.page : page.kind;
}

/** What is waited for, over a page that is there; empty: nothing. */
export function waitText(tab: Tab): string {
  const { load, page } = tab;
  if (load !== undefined) return loadText(load);
  if (page.kind !== "document" || !isBusy(tab)) return "";
  const { asked, loaded, failed, bytes } = page.parts;
  if (asked === 0) return "Receiving the page";
  return `${String(loaded + failed)} of ${String(asked)} parts, ${bytesText(bytes)}`;
}

/** With the site's name, which the page shown does not tell. */
function loadText({ url, sentence }: Load): string {
  const host = hostOf(url);
  return sentence.includes(host) ? sentence : `${host}: ${sentence}`;
}

/** What a screen reader is told when the page changes; not each part of it. */
export function announcement(tab: Tab): string {
  const { page, load } = tab;
  if (load !== undefined) return `Loading ${hostOf(load.url)}`;
  switch (page.kind) {
    case "own":
      return "";
    case "document":
      return page.complete ? `${tabTitle(tab)} is shown` : "";
    case "consent":
      return `${hostOf(page.url)} is not encrypted`;
    case "failed": {
      const { title, where } = explain(page.error);
      return `${title}, ${where}`;
    }
  }
}
