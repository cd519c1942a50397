import { followable } from "./link-address.ts";
import { createTextLink, lastPart } from "./links.ts";
import { append, attribute, createElement, isElement, isHtml, textOf, type Element } from "./tree.ts";

/** Where a replacement stands. */
export interface Place {
  readonly base: URL;
  /** Within a link, where a second one cannot be. */
  readonly inLink: boolean;
}

/**
 * What stands in a cleaned page for an element that would make the browser load something: its alternative text, and a
 * link by which the person can ask for it. Undefined: this element is not of that kind.
 */
export function replacementOf(element: Element, place: Place): readonly (Element | string)[] | undefined {
  if (!isHtml(element)) return foreign(element);
  switch (element.tagName) {
    case "img":
    case "image":
      return image(element, place);
    case "iframe":
    case "frame":
      return loadable(element, "embedded page", "src", place);
    case "embed":
      return loadable(element, "embedded file", "src", place);
    case "object":
      return loadable(element, "embedded file", "data", place);
    case "applet":
      return [marker("applet, not shown")];
    case "video":
    case "audio":
      return media(element, place);
    default:
      return undefined;
  }
}

function image(element: Element, place: Place): readonly (Element | string)[] {
  const alt = attribute(element, "alt");
  // Authors mark decoration by an empty alternative text.
  if (alt?.trim() === "") return [];
  const text = alt?.trim() ?? "image";
  return [linkOrMarker(text, attribute(element, "src"), place)];
}

function loadable(
  element: Element,
  what: string,
  source: string,
  place: Place,
): readonly (Element | string)[] {
  const title = attribute(element, "title") ?? attribute(element, "name") ?? "";
  return [linkOrMarker(title === "" ? what : `${what}: ${title}`, attribute(element, source), place)];
}

function media(element: Element, place: Place): readonly (Element | string)[] {
  const sources = [element, ...element.childNodes.filter(isElement)].map((child) => attribute(child, "src"));
  return [
    linkOrMarker(
      element.tagName,
      sources.find((src) => src !== undefined),
      place,
    ),
  ];
}

/** SVG and MathML can load, and their parsing rules are where sanitizers are fooled: only their name stays. */
function foreign(element: Element): readonly (Element | string)[] {
  const title = element.childNodes.filter(isElement).find(({ tagName }) => tagName === "title");
  const name =
    attribute(element, "alttext") ??
    attribute(element, "aria-label") ??
    (title === undefined ? "" : textOf(title, 200));
  return name === "" ? [] : [marker(name)];
}

function linkOrMarker(text: string, source: string | undefined, { base, inLink }: Place): Element {
  const url = source === undefined || inLink ? undefined : followable(source, base);
  if (url === undefined) return marker(text);
  const label = text === "image" ? `image: ${lastPart(url.href)}` : text;
  const holder = createElement("span", { class: "tabor-replaced" });
  append(holder, createTextLink(url, label));
  return holder;
}

/** Something that was there, named. */
export function marker(text: string): Element {
  const holder = createElement("span", { class: "tabor-replaced" });
  append(holder, text);
  return holder;
}
