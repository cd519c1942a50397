import { parse } from "parse5";
import { FORM_CONTROLS, isKeptAttribute, KEPT_ELEMENTS } from "./allow-list.ts";
import { FRAME_POLICY } from "./document.ts";
import { LINK_ATTRIBUTE } from "./link-address.ts";
import { attribute, descendants, isElement, isHtml, type Element } from "./tree.ts";

/**
 * Parses a cleaned document as the browser will, and looks for anything that should not be there.
 * @returns what it found, for a test's message; undefined when the document is clean.
 */
export function findForbidden(html: string): string | undefined {
  const root = parse(html, { scriptingEnabled: false });
  for (const node of descendants(root)) {
    if (isElement(node)) {
      const fault = faultOf(node);
      if (fault !== undefined) return fault;
    } else if (node.nodeName === "#comment") {
      return "a comment";
    }
  }
  return undefined;
}

function faultOf(element: Element): string | undefined {
  const { tagName } = element;
  if (!isHtml(element)) return `<${tagName}> of another namespace`;
  if (tagName === "meta") return isOurMeta(element) ? undefined : "a foreign <meta>";
  if (!isOurs(tagName) && !KEPT_ELEMENTS.has(tagName)) return `<${tagName}>`;
  if (FORM_CONTROLS.has(tagName) && attribute(element, "disabled") === undefined)
    return `<${tagName}> not disabled`;
  const bad = element.attrs.find(
    ({ name, value, prefix }) => prefix !== undefined || !isClean(tagName, name, value),
  );
  return bad === undefined ? undefined : `${bad.name} on <${tagName}>`;
}

function isOurs(tagName: string): boolean {
  return ["html", "head", "title", "body", "a", "tbody", "colgroup"].includes(tagName);
}

function isOurMeta(element: Element): boolean {
  const written = element.attrs.map(({ name, value }) => `${name}=${value}`).join(" ");
  return [
    "charset=utf-8",
    `http-equiv=Content-Security-Policy content=${FRAME_POLICY}`,
    "name=referrer content=no-referrer",
  ].includes(written);
}

function isClean(tagName: string, name: string, value: string): boolean {
  if (isKeptAttribute(tagName, name)) return true;
  switch (name) {
    case "class":
      return /^tabor-(?:note|form|replaced)$/.test(value);
    case "disabled":
      return FORM_CONTROLS.has(tagName);
    case "role":
      return tagName === "a" && value === "link";
    case "tabindex":
      return tagName === "a" && value === "0";
    case LINK_ATTRIBUTE:
      return tagName === "a" && /^https?:\/\//.test(value);
    default:
      return false;
  }
}
