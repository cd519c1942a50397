import { LINK_ATTRIBUTE } from "./link-address.ts";
import { append, createElement, textOf, type Element } from "./tree.ts";

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
