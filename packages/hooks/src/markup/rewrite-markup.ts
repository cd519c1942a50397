import type { Namespace } from "@tabor/rewrite/in-page";
import type { ElementRules } from "./element-rules.ts";
import { tokensOf, type RawText, type Tag } from "./tags.ts";

/** Nothing in such a text can load or lead anywhere. */
const PLAIN = /^[^<]*$/;

/** Elements of SVG whose content is HTML again. */
const HTML_WITHIN = new Set(["foreignobject", "desc", "title"]);

/**
 * HTML that a script gives the browser, with its addresses as the view has them, and all else as it was: also a piece of a document, as
 * `document.write` takes them. Known bound: an element's namespace is told by the tags before it in the same piece.
 * @param decode reads character references.
 */
export function rewriteMarkup(html: string, rules: ElementRules, decode: (raw: string) => string): string {
  if (PLAIN.test(html)) return html;
  const open: string[] = [];
  let output = "";
  let copied = 0;
  const replace = (start: number, end: number, by: string): void => {
    output += html.slice(copied, start) + by;
    copied = end;
  };
  for (const token of tokensOf(html)) {
    if ("endTag" in token) {
      if (open.at(-1) === token.endTag) open.pop();
    } else if ("of" in token) {
      const css = styleOf(token, html, rules);
      if (css !== undefined) replace(token.start, token.end, css);
    } else {
      const written = tagFor(token, namespaceIn(open, token.name), rules, decode);
      if (written !== undefined) replace(token.start, token.end, written);
      if (!token.selfClosing && isBoundary(open, token.name)) open.push(token.name);
    }
  }
  return output + html.slice(copied);
}

function styleOf({ of, start, end }: RawText, html: string, rules: ElementRules): string | undefined {
  return of.name === "style" ? rules.css(html.slice(start, end)) : undefined;
}

/** undefined: it stays as it is. */
function tagFor(
  { name, attributes, selfClosing }: Tag,
  namespace: Namespace,
  rules: ElementRules,
  decode: (raw: string) => string,
): string | undefined {
  const read = attributes.map(({ name: key, raw }) => [key, raw.includes("&") ? decode(raw) : raw] as const);
  const written = rules.element(namespace, name, read);
  if (written === undefined) return "";
  const isSame =
    written.length === read.length && written.every(([, value], index) => value === read[index]?.[1]);
  if (isSame) return undefined;
  const text = written.map(([key, value]) => ` ${key}="${escaped(value)}"`).join("");
  return `<${name}${text}${selfClosing ? "/" : ""}>`;
}

function namespaceIn(open: readonly string[], name: string): Namespace {
  if (name === "svg" || name === "math") return name;
  const innermost = open.at(-1);
  return innermost === "svg" || innermost === "math" ? innermost : "html";
}

function isBoundary(open: readonly string[], name: string): boolean {
  return name === "svg" || name === "math" || (open.at(-1) === "svg" && HTML_WITHIN.has(name));
}

function escaped(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
