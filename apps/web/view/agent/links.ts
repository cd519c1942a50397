import type { AgentReport } from "@tabor/browsing/view";
import type { Places } from "./places.ts";

type Say = (report: AgentReport) => void;

export interface LinkDeps {
  readonly places: Places;
  readonly say: Say;
}

/** Tells where the links of a page lead, and goes where they lead within the page, without the browser. */
export function listenForLinks(page: Window, tab: string, { places, say }: LinkDeps): void {
  const clicked = (event: MouseEvent): void => {
    const link = linkOf(event);
    if (link === undefined || event.defaultPrevented || !event.isTrusted) return;
    if (isForTabBeside(event)) say({ type: "open", tab, href: hrefOf(link) });
    else if (isPlain(event) && isWithin(page, link)) {
      // First told: at Standard the page's own history tells of a place taken, which must find the new one there.
      say({ type: "fragment", tab, fragment: link.hash, from: { x: page.scrollX, y: page.scrollY } });
      places.follow(page, link.hash);
    } else return;
    event.preventDefault();
  };
  page.addEventListener("click", clicked);
  page.addEventListener("click", keepFromSaving);
  page.addEventListener("auxclick", clicked);
  places.watch(page, (fragment) => {
    say({ type: "fragment", tab, fragment });
  });
  listenForPointing(page, (href) => {
    say({ type: "link", tab, href });
  });
}

/**
 * With Alt held down Chromium saves what a link or form leads to, and asks for it past the service worker: it is followed instead.
 */
function keepFromSaving(event: MouseEvent): void {
  if (!event.altKey || !event.isTrusted || event.defaultPrevented) return;
  const link = linkOf(event);
  const button = link === undefined ? submitterOf(event) : undefined;
  if (button === undefined && (link === undefined || !/^https?:/.test(hrefOf(link)))) return;
  event.preventDefault();
  // Once the event is over, whose keys would count.
  setTimeout(() => {
    if (link !== undefined) link.ownerDocument.location.assign(hrefOf(link));
    else button?.form?.requestSubmit(button);
  });
}

function isForTabBeside({ button, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean {
  return button === 1 || (button === 0 && (ctrlKey || metaKey || shiftKey));
}

function isPlain({ button, altKey }: MouseEvent): boolean {
  return button === 0 && !altKey;
}

function listenForPointing(page: Window, tell: (href: string) => void): void {
  let told = "";
  const show = (event: Event): void => {
    const link = linkOf(event);
    const href = link === undefined ? "" : hrefOf(link);
    if (href !== told) tell(href);
    told = href;
  };
  for (const type of ["pointerover", "focusin"]) page.addEventListener(type, show);
  const leave = (): void => {
    if (told !== "") tell("");
    told = "";
  };
  page.document.addEventListener("pointerleave", leave);
  for (const type of ["focusout", "pagehide"]) page.addEventListener(type, leave);
}

/** What a link is, in HTML or on a map. Elements of another window are of another class than ours. */
function linkOf({ target }: Event): HTMLAnchorElement | undefined {
  const element = target as Partial<Element> | null;
  return element?.closest?.<HTMLAnchorElement>("a[href], area[href]") ?? undefined;
}

/** As the browser has it: the page's own functions are hooked, and tell scripts the address that they have set. SVG's links have none of this kind. */
function hrefOf(link: HTMLAnchorElement): string {
  if (link.namespaceURI !== "http://www.w3.org/1999/xhtml") return "";
  const { prototype } = link.localName === "area" ? HTMLAreaElement : HTMLAnchorElement;
  return Reflect.get(prototype, "href", link);
}

function submitterOf({ target }: Event): HTMLButtonElement | HTMLInputElement | undefined {
  const element = target as Partial<Element> | null;
  const button = element?.closest?.<HTMLButtonElement | HTMLInputElement>("button, input");
  return button !== null && button !== undefined && /^(?:submit|image)$/.test(button.type)
    ? button
    : undefined;
}

function isWithin({ location }: Window, { href, origin, pathname, search }: HTMLAnchorElement): boolean {
  const here = origin === location.origin && pathname === location.pathname && search === location.search;
  return here && href.includes("#");
}
