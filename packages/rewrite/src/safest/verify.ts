import { TaborError } from "@tabor/onion-core";
import type { Addresses } from "../address.ts";
import { MAX_NODES, MAX_OUTPUT } from "../bounds.ts";
import { rewriteCssText } from "../css/rewrite-css.ts";
import { addressKind } from "../html/address-attributes.ts";
import { parseHtml } from "../html/parse.ts";
import { attribute, descendants, isComment, isElement, isHtml, ownText, type Element } from "../html/tree.ts";
import { rewriteSrcset } from "../srcset.ts";
import { isCustomElement, isKeptAttribute, KEPT_ELEMENTS, KEPT_META } from "./allow-list.ts";
import { FRAME_SANDBOX } from "./outcome.ts";

type Written = Addresses["written"];

/**
 * Parses what was written as the browser will, and looks for anything that should not be there: that came to life on the way (mutation
 * XSS), or that the rules above let through by mistake.
 * @param written every address that may occur.
 * @throws TaborError malformed: the page must not be shown.
 */
export function assertSafe(html: string, written: Written): void {
  const fault = findForbidden(html, written);
  if (fault !== undefined)
    throw new TaborError("malformed", "site", `this page cannot be made safe: ${fault}`);
}

/** @returns what should not be there, in words that hold nothing of the page but names of elements and attributes. */
export function findForbidden(html: string, written: Written): string | undefined {
  // What was written is longer than what was read; and a cut page may be parsed to somewhat more nodes.
  const { document, cut } = parseHtml(html, {
    scripting: false,
    maxText: 2 * MAX_OUTPUT,
    maxNodes: 2 * MAX_NODES,
  });
  if (cut) return "it grew";
  for (const node of descendants(document)) {
    const fault = isElement(node) ? faultOf(node, written) : isComment(node) ? "a comment" : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf(element: Element, written: Written): string | undefined {
  const { tagName } = element;
  if (!isHtml(element)) return `<${tagName}> of another namespace`;
  if (!KEPT_ELEMENTS.has(tagName) && !isCustomElement(tagName)) return `<${tagName}>`;
  if (!isAsWeWriteIt(element, written)) return `<${tagName}> of another form`;
  const bad = element.attrs.find(
    ({ name, value, prefix }) => prefix !== undefined || !isSafe(tagName, name, value, written),
  );
  return bad === undefined ? undefined : `${bad.name} on <${tagName}>`;
}

function isAsWeWriteIt(element: Element, written: Written): boolean {
  switch (element.tagName) {
    case "meta":
      return isOurMeta(element);
    case "link":
      return attribute(element, "rel") === "stylesheet";
    case "iframe":
      return attribute(element, "sandbox") === FRAME_SANDBOX;
    case "style":
      return isSafeCss(ownText(element), written);
    default:
      return true;
  }
}

function isSafe(element: string, name: string, value: string, written: Written): boolean {
  if (name === "style") return isSafeCss(value, written);
  if (element === "link" && name === "href") return written.has(value);
  const kind = addressKind(element, name);
  if (kind === "srcset")
    return rewriteSrcset(value, (address) => (written.has(address) ? address : undefined)) === value;
  if (kind !== undefined) return written.has(value);
  return isKeptAttribute(element, name) || isOurs(element, name, value);
}

function isOurs(element: string, name: string, value: string): boolean {
  switch (name) {
    case "spellcheck":
    case "autocomplete":
      return value === "false" || value === "off";
    case "rel":
      return element === "link";
    case "sandbox":
      return element === "iframe";
    case "charset":
    case "name":
    case "content":
      return element === "meta";
    default:
      return false;
  }
}

function isOurMeta(element: Element): boolean {
  const [first, second, ...rest] = element.attrs;
  if (first?.name === "charset") return first.value === "utf-8" && second === undefined;
  return (
    first?.name === "name" && KEPT_META.has(first.value) && second?.name === "content" && rest.length === 0
  );
}

/** What has been rewritten once has nothing left to be rewritten. */
function isSafeCss(css: string, written: Written): boolean {
  const known = (address: string): string | undefined => (written.has(address) ? address : undefined);
  return rewriteCssText(css, { ...CHECKED, address: known }) === css;
}

const CHECKED = { fonts: false, references: false } as const;
