import type { EngineEvent, NavigationId, SiteInfo } from "@tabor/browsing";
import { amended, placed, PUSH, type Placement } from "./tab-history.ts";
import { movedWithin, NO_PARTS, pageUrl, told, type DocumentPage, type Load, type Tab } from "./tab.ts";

export type TabEvent = Exclude<EngineEvent, { type: "download" | "open" | "not-forgotten" }>;
type EventOf<T extends TabEvent["type"]> = Extract<TabEvent, { type: T }>;

const ASKING = "Asking for the page";
/** A site may send a title of any length. */
const MAX_TITLE = 300;

/** The tab after an event of its engine. News of pages that are gone changes nothing. */
export function tabAfter(tab: Tab, event: TabEvent): Tab {
  // What had a frame and has none any more concerns nobody.
  if (tab.view === undefined) return tab;
  switch (event.type) {
    case "started":
      return afterStarted(tab, event);
    case "lead":
      return afterLead(tab, event);
    case "progress":
      return isLoading(tab, event) ? { ...tab, load: { ...tab.load, sentence: event.sentence } } : tab;
    case "committed":
      return isNews(tab, event.navigation) ? shown(tab, event, documentOf(tab, event)) : tab;
    case "location":
      return afterLocation(tab, event);
    case "title":
      return afterTitle(tab, event);
    case "icon":
      return amendedPage(tab, event.navigation, { icon: event.icon });
    case "resources":
      return amendedPage(tab, event.navigation, { parts: event });
    case "finished":
      return afterFinished(tab, event);
    case "failed":
      return afterFailed(tab, event);
    case "needs-consent":
      return isNews(tab, event.navigation) ? shown(tab, event, { ...event, kind: "consent" }) : tab;
  }
}

/** A frame asks for a document: the one that the person wanted, where that redirects to, or what the page leads to. */
function afterStarted(tab: Tab, { navigation, url, traversed }: EventOf<"started">): Tab {
  if (navigation <= tab.newest) return tab;
  const load = tab.load ?? unasked(tab, { url, traversed });
  return { ...tab, newest: navigation, load: { ...load, navigation, url, sentence: ASKING } };
}

/** The page wants to go on: the frame is told to, for it does not go by itself. */
function afterLead(tab: Tab, { address, ...event }: EventOf<"lead">): Tab {
  const { load } = tab;
  // A redirect takes the place of what led to it.
  const isRedirect = event.redirects !== undefined && load?.navigation === event.redirects;
  const next = isRedirect ? { ...load, navigation: undefined, url: event.url } : unasked(tab, event);
  return { ...told(tab, address), load: next };
}

/** The page has another address, and is the same. */
function afterLocation(tab: Tab, { navigation, url, kind }: EventOf<"location">): Tab {
  const { page, history } = tab;
  if (page.kind !== "document" || page.navigation !== navigation || page.url === url) return tab;
  switch (kind) {
    case "push":
      return movedWithin(tab, url, PUSH);
    case "replace":
      return movedWithin(tab, url, { kind: "at", index: history.index });
    case "traverse":
      return movedWithin(tab, url, traversalTo(tab, url));
  }
}

/** A load that the page began, and not the person in the frame. */
function unasked(tab: Tab, { url, traversed }: Pick<EventOf<"lead">, "url" | "traversed">): Load {
  const placement = traversed ? traversalTo(tab, url) : followed(tab, url);
  return { navigation: undefined, url, sentence: ASKING, placement, byPerson: false };
}

/** The browser itself went back or forward in the frame. */
function traversalTo({ history }: Tab, url: string): Placement {
  const near = [history.index - 1, history.index + 1].find((index) => history.entries[index]?.url === url);
  const index = near ?? history.entries.findLastIndex((entry) => entry.url === url);
  return index === -1 ? PUSH : { kind: "at", index };
}

/** A link to the page itself adds nothing to the history. */
function followed(tab: Tab, url: string): Placement {
  return url === pageUrl(tab) ? { kind: "at", index: tab.history.index } : PUSH;
}

function documentOf(tab: Tab, { navigation, url, status, site }: EventOf<"committed">): DocumentPage {
  const icon = tab.page.kind === "document" && isSameSite(tab.page.site, site) ? tab.page.icon : undefined;
  return {
    kind: "document",
    navigation,
    url,
    status,
    site,
    title: "",
    icon,
    parts: NO_PARTS,
    complete: false,
    broken: undefined,
  };
}

const isSameSite = (a: SiteInfo, b: SiteInfo): boolean => a.site === b.site;

/**
 * The frame shows `page` now. It is said also for what nobody waits for any more: the address bar must never name
 * another page than the one in the frame.
 */
function shown(
  tab: Tab,
  { navigation, url }: { readonly navigation: NavigationId; readonly url: string },
  page: Tab["page"],
): Tab {
  const awaited = tab.load?.navigation === navigation ? tab.load : undefined;
  const placement = awaited?.placement ?? PUSH;
  const load = awaited === undefined ? tab.load : undefined;
  return {
    ...tab,
    page,
    load,
    pointed: undefined,
    settled: navigation,
    history: placed(tab.history, url, placement),
  };
}

function afterTitle(tab: Tab, { navigation, title }: EventOf<"title">): Tab {
  const short = title.slice(0, MAX_TITLE);
  const changed = amendedPage(tab, navigation, { title: short });
  if (changed === tab) return tab;
  const place = { index: tab.history.index, url: pageUrl(tab) };
  return { ...changed, history: amended(tab.history, { title: short }, place) };
}

/** Without a document before: the answer was none to be shown. */
function afterFinished(tab: Tab, event: EventOf<"finished">): Tab {
  if (isLoading(tab, event)) return { ...tab, load: undefined };
  return amendedPage(tab, event.navigation, { complete: true });
}

function afterFailed(tab: Tab, event: EventOf<"failed">): Tab {
  const { navigation, url, error, circuit } = event;
  // What was stopped fails as well, and nobody waits for it.
  if (!isLoading(tab, event)) return amendedPage(tab, navigation, { broken: error, complete: true });
  return shown(tab, event, { kind: "failed", navigation, url, error, circuit });
}

function amendedPage(tab: Tab, navigation: NavigationId, change: Partial<DocumentPage>): Tab {
  const { page } = tab;
  if (page.kind !== "document" || page.navigation !== navigation) return tab;
  return { ...tab, page: { ...page, ...change } };
}

function isNews({ settled }: Tab, navigation: NavigationId): boolean {
  return navigation > settled;
}

function isLoading(
  tab: Tab,
  { navigation }: { readonly navigation: NavigationId },
): tab is Tab & { readonly load: Load } {
  return tab.load?.navigation === navigation;
}
