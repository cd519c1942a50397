import { parse } from "parse5";
import {
  DROPPED_ELEMENTS,
  FORM_CONTROLS,
  INPUT_TYPES,
  isKeptAttribute,
  KEPT_ELEMENTS,
} from "./allow-list.ts";
import { followable, LINK_ATTRIBUTE } from "./link-address.ts";
import { createLink, createTextLink, nameEmptyLink } from "./links.ts";
import { writeDocument, type CleanDocument } from "./document.ts";
import { marker, replacementOf } from "./replacements.ts";
import {
  append,
  attribute,
  createElement,
  descendants,
  isElement,
  isHtml,
  isText,
  textOf,
  type Element,
  type Node,
} from "./tree.ts";
import { findForbidden } from "./verify.ts";

/** Deeper nesting is flattened; browsers stop at 512. */
const MAX_DEPTH = 200;
/** A page of more nodes is cut: the browser would take too long to lay it out. */
export const MAX_NODES = 150_000;

const FORM_NOTE =
  "This form is switched off: Tabor does not send forms yet, so nothing you see here can leave.";

/**
 * Turns a page into one that shows its text and structure and can do nothing: no script, no style, no request, no
 * navigation of the browser's own. Links carry their address for the app (`LINK_ATTRIBUTE`).
 *
 * The page is parsed as browsers parse it, what the allow-list knows is copied to a new tree, and the outcome is parsed
 * once more to be sure that nothing came to life on the way (mutation XSS). Should that ever fail, the page's bare text
 * is returned.
 *
 * @param url where the page came from, for its relative links.
 * @param sourceCut the site sent more than this.
 */
export function cleanHtml(source: string, url: URL, sourceCut = false): CleanDocument {
  const root = parse(source, { scriptingEnabled: false });
  const page = surveyOf([...descendants(root)].filter(isElement).filter(isHtml), url);
  const { body, cut } = copy(root.childNodes, page.base);
  const notes = page.refresh === undefined ? [] : [refreshNote(page.refresh)];
  const document = writeDocument({ ...page, body, notes, cut: cut || sourceCut });
  return findForbidden(document.html) === undefined ? document : bareText(root, page);
}

/** What the head says. */
interface Survey {
  readonly base: URL;
  readonly title: string;
  readonly lang: string | undefined;
  readonly dir: string | undefined;
  /** Where the page wants to go by itself. */
  readonly refresh: URL | undefined;
}

function surveyOf(elements: readonly Element[], url: URL): Survey {
  const find = (tagName: string, name?: string): Element | undefined =>
    elements.find(
      (element) =>
        element.tagName === tagName && (name === undefined || attribute(element, name) !== undefined),
    );
  const baseElement = find("base", "href");
  const base = (baseElement && followable(attribute(baseElement, "href") ?? "", url)) ?? url;
  const title = find("title");
  const html = find("html");
  return {
    base,
    title: title === undefined ? "" : textOf(title, 300),
    lang: html && attribute(html, "lang"),
    dir: html && attribute(html, "dir"),
    refresh: refreshTarget(elements, base),
  };
}

/** `<meta http-equiv=refresh content="0; url=…">` (HTML §4.2.5.3). */
function refreshTarget(elements: readonly Element[], base: URL): URL | undefined {
  for (const element of elements) {
    if (element.tagName !== "meta" || attribute(element, "http-equiv")?.toLowerCase() !== "refresh") continue;
    const match = /^\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?(["']?)(.+)$/is.exec(
      attribute(element, "content") ?? "",
    );
    if (match === null) continue;
    const [, quote = "", rest = ""] = match;
    return followable(quote === "" ? rest : (rest.split(quote)[0] ?? ""), base);
  }
  return undefined;
}

function refreshNote(target: URL): Element {
  const note = createElement("p", { class: "tabor-note" });
  append(note, "This page asks to go on to ");
  append(note, createTextLink(target, target.href));
  return note;
}

/** A node to be copied and where to. */
interface Task {
  readonly node: Node;
  readonly to: Element;
  readonly depth: number;
  readonly inLink: boolean;
}

function copy(nodes: readonly Node[], base: URL): { readonly body: Element; readonly cut: boolean } {
  const body = createElement("body");
  const links: Element[] = [];
  const waiting: Task[] = [];
  const push = (children: readonly Node[], rest: Omit<Task, "node">): void => {
    for (const node of children.toReversed()) waiting.push({ node, ...rest });
  };
  push(nodes, { to: body, depth: 0, inLink: false });
  let count = 0;
  for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
    if (++count > MAX_NODES) break;
    const { node, to } = task;
    if (isText(node)) append(to, node.value);
    if (!isElement(node)) continue;
    const copied = copyElement(node, task, base);
    if (copied === "dropped") continue;
    if (copied !== undefined && attribute(copied, LINK_ATTRIBUTE) !== undefined) links.push(copied);
    push(node.childNodes, insideOf(task, copied));
  }
  for (const link of links) nameEmptyLink(link, attribute(link, LINK_ATTRIBUTE) ?? "");
  return { body, cut: waiting.length > 0 };
}

function insideOf(task: Task, copied: Element | undefined): Omit<Task, "node"> {
  const { to, depth, inLink } = task;
  if (copied === undefined) return { to, depth, inLink };
  return {
    to: depth < MAX_DEPTH ? copied : to,
    depth: depth + 1,
    inLink: inLink || copied.tagName === "a",
  };
}

/** @returns the copy, "dropped" when its children are not to be copied, undefined when they take its place. */
function copyElement(element: Element, task: Task, base: URL): Element | "dropped" | undefined {
  const replacement = replacementOf(element, { base, inLink: task.inLink });
  if (replacement !== undefined) {
    for (const part of replacement) append(task.to, part);
    return "dropped";
  }
  if (DROPPED_ELEMENTS.has(element.tagName)) return "dropped";
  const copied = copyOf(element, base, task.inLink);
  if (copied === undefined || copied === "dropped") return copied;
  append(task.to, copied);
  if (element.tagName === "form") append(copied, formNote());
  return copied;
}

function copyOf(element: Element, base: URL, inLink: boolean): Element | "dropped" | undefined {
  switch (element.tagName) {
    case "a":
    case "area":
      return inLink ? undefined : copyLink(element, base);
    case "form":
      return createElement("div", { class: "tabor-form" });
    case "input":
      return copyInput(element);
    case "xmp":
    case "listing":
    case "plaintext":
      return createElement("pre");
    default:
      return KEPT_ELEMENTS.has(element.tagName) ? copyKept(element) : undefined;
  }
}

/** A link that cannot be followed here (mail, telephone, script) stays as its text. */
function copyLink(element: Element, base: URL): Element {
  const href = attribute(element, "href");
  const url = href === undefined ? undefined : followable(href, base);
  const link = url === undefined ? createElement("span") : createLink(url);
  const anchor = attribute(element, "id") ?? attribute(element, "name");
  if (anchor !== undefined) link.attrs.push({ name: "id", value: anchor });
  if (element.tagName === "area") append(link, attribute(element, "alt") ?? "");
  return link;
}

function copyInput(element: Element): Element | "dropped" {
  const type = (attribute(element, "type") ?? "text").toLowerCase();
  if (type === "image") return marker(attribute(element, "alt") ?? "button");
  if (!INPUT_TYPES.has(type))
    return type === "hidden" || type === "file" ? "dropped" : copyKept(element, "text");
  return copyKept(element, type);
}

function copyKept(element: Element, type?: string): Element {
  const { tagName } = element;
  const attributes = Object.fromEntries(
    element.attrs
      .filter(({ name, prefix }) => prefix === undefined && isKeptAttribute(tagName, name))
      .map(({ name, value }) => [name, value]),
  );
  if (type !== undefined) attributes["type"] = type;
  if (FORM_CONTROLS.has(tagName)) attributes["disabled"] = "";
  return createElement(tagName, attributes);
}

function formNote(): Element {
  const note = createElement("p", { class: "tabor-note" });
  append(note, FORM_NOTE);
  return note;
}

function bareText(root: Parameters<typeof textOf>[0], page: Survey): CleanDocument {
  const body = createElement("body");
  append(body, textOf(root, 1_000_000));
  return writeDocument({ ...page, lang: undefined, dir: undefined, body, notes: [], cut: true });
}
