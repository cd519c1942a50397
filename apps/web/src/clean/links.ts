import { append, createElement, textOf, type Element } from "./tree.ts";

/** Where a link of a cleaned page leads, for the app to follow. There is no `href`: the browser itself cannot. */
export const LINK_ATTRIBUTE = "data-tabor-href";

const MAX_URL_LENGTH = 8192;

/** The address that `text` means on a page whose base is `base`, if the app can show such addresses. */
export function followable(text: string, base: URL): URL | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_URL_LENGTH || !URL.canParse(trimmed, base.href)) return undefined;
  const url = new URL(trimmed, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  url.username = "";
  url.password = "";
  return url;
}

/** An empty link to `url`; `<a>` with a role, so that it is reached by keyboard and announced as a link. */
export function createLink(url: URL): Element {
  return createElement("a", { [LINK_ATTRIBUTE]: url.href, role: "link", tabindex: "0" });
}

/** A link that says `text`. */
export function createTextLink(url: URL, text: string): Element {
  const link = createLink(url);
  append(link, text);
  return link;
}

/** A link nobody can see or hear is no link: names one by its address. */
export function nameEmptyLink(link: Element, url: string): void {
  if (textOf(link, 20) === "") append(link, lastPart(url));
}

/** "report.html" of "http://a.test/x/report.html?y", or the host. */
export function lastPart(url: string): string {
  const { pathname, host } = new URL(url);
  return pathname.split("/").findLast((part) => part !== "") ?? host;
}
