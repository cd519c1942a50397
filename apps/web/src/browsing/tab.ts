import type { NavigationId, SecurityLevel, SiteInfo, TabId } from "@tabor/browsing";
import type { CircuitInfo, TaborError } from "@tabor/onion-core";
import { OWN_TITLES, ownUrl, type OwnPage } from "./own-page.ts";
import { amended, historyOf, placed, type Placement, type TabHistory } from "./tab-history.ts";
import { hostOf } from "./typed-address.ts";

/** A tab as the frame knows it. */
export interface Tab {
  readonly id: TabId;
  readonly level: SecurityLevel;
  readonly history: TabHistory;
  readonly page: TabPage;
  /** What is on the way and not shown yet. */
  readonly load: Load | undefined;
  readonly view: ViewContent | undefined;
  /** How often its frame was told what to show. */
  readonly turns: number;
  /** The newest navigation that began here; -1: none. */
  readonly newest: number;
  /** Navigations up to this one are over: what they still report concerns at most the page shown. */
  readonly settled: number;
  /** Where the link leads that is pointed at in its page. */
  readonly pointed: string | undefined;
  /** 1 is 100 %. */
  readonly zoom: number;
}

/** What is shown. */
export type TabPage =
  | { readonly kind: "own"; readonly page: OwnPage }
  | DocumentPage
  | {
      readonly kind: "failed";
      readonly navigation: NavigationId | undefined;
      readonly url: string;
      readonly error: TaborError;
      readonly circuit: CircuitInfo | undefined;
    }
  /** The site speaks only plain `http:`. */
  | { readonly kind: "consent"; readonly navigation: NavigationId; readonly url: string };

export interface DocumentPage {
  readonly kind: "document";
  readonly navigation: NavigationId;
  readonly url: string;
  readonly status: number;
  readonly site: SiteInfo;
  /** May be empty. */
  readonly title: string;
  /** A `data:` URL. */
  readonly icon: string | undefined;
  readonly parts: Parts;
  /** The document has come to its end; its parts may still come. */
  readonly complete: boolean;
  /** Why it is not whole. */
  readonly broken: TaborError | undefined;
}

export interface Parts {
  readonly asked: number;
  readonly loaded: number;
  readonly failed: number;
  readonly bytes: number;
}

export interface Load {
  /** undefined: the frame has not asked for it yet. */
  readonly navigation: NavigationId | undefined;
  readonly url: string;
  readonly sentence: string;
  readonly placement: Placement;
  /** Whether the person asked for it, and not the page. */
  readonly byPerson: boolean;
}

/** What the tab's frame was last told to show. */
export interface ViewContent {
  readonly address: string;
  /** Another number is another telling, though the address be the same. */
  readonly turn: number;
}

export const NO_PARTS: Parts = { asked: 0, loaded: 0, failed: 0, bytes: 0 };

export function emptyTab(id: TabId, level: SecurityLevel): Tab {
  return {
    id,
    level,
    history: historyOf(ownUrl("start")),
    page: { kind: "own", page: "start" },
    load: undefined,
    view: undefined,
    turns: 0,
    pointed: undefined,
    newest: -1,
    settled: -1,
    zoom: 1,
  };
}

/** The tab once its frame is told to show this address. */
export function told(tab: Tab, address: string): Tab {
  const turns = tab.turns + 1;
  return { ...tab, turns, view: { address, turn: turns } };
}

/** Whether the page shown would only be shown from another place on. */
export function isWithin({ page, load }: Tab, url: string): boolean {
  if (page.kind !== "document" || load !== undefined || url === page.url) return false;
  return bareUrl(url) === bareUrl(page.url);
}

/** The tab once its page is shown from the place in it that `url` names. */
export function movedWithin(tab: Tab, url: string, placement: Placement): Tab {
  if (tab.page.kind !== "document") return tab;
  const { title } = tab.page;
  const history = placed(tab.history, url, placement);
  const place = { index: history.index, url };
  return { ...tab, page: { ...tab.page, url }, history: amended(history, { title }, place) };
}

/** An address without its fragment. */
export function bareUrl(url: string): string {
  return url.split("#")[0] ?? "";
}

/** Whether there is something to stop or to wait for. */
export function isBusy({ load, page }: Tab): boolean {
  if (load !== undefined) return true;
  if (page.kind !== "document" || page.broken !== undefined) return false;
  return !page.complete || page.parts.loaded + page.parts.failed < page.parts.asked;
}

/** The tab when nothing is waited for any more. */
export function stopped(tab: Tab): Tab {
  const { page } = tab;
  if (page.kind !== "document") return { ...tab, load: undefined };
  const parts = { ...page.parts, asked: page.parts.loaded + page.parts.failed };
  return { ...tab, load: undefined, page: { ...page, complete: true, parts } };
}

/** The address of what is shown. */
export function pageUrl({ page }: Tab): string {
  return page.kind === "own" ? ownUrl(page.page) : page.url;
}

/**
 * The address for the bar. What a page asks for is named only once it is shown: else a page could put another's name
 * above itself.
 */
export function addressOf(tab: Tab): string {
  return tab.load?.byPerson === true ? tab.load.url : pageUrl(tab);
}

/** What the tab is called. */
export function tabTitle(tab: Tab): string {
  const { page, load } = tab;
  if (load?.byPerson === true) return hostOf(load.url);
  if (page.kind === "own") return OWN_TITLES[page.page];
  return page.kind === "document" && page.title !== "" ? page.title : hostOf(page.url);
}
