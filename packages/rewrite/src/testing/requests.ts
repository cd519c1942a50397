import { parse } from "parse5";
import type { Rewriting, UrlUse } from "../api.ts";
import { attribute, descendants, isElement, ownText, type Element } from "../html/tree.ts";

/** Addresses that say what they stand for, so that tests can read them. */
export function mint(url: URL, use: UrlUse): string {
  return `/~v/${use}/${encodeURIComponent(url.href)}`;
}

export function rewriting(level: Rewriting["level"], base = "https://site.test/dir/page.html"): Rewriting {
  return { level, base: new URL(base), mint };
}

/** Where browsers find addresses; written down apart from what the rewriter believes. */
const FETCHING =
  "action archive background cite classid codebase data dynsrc formaction href icon imagesrcset longdesc lowsrc manifest ping poster profile src srcdoc srcset xlink:href".split(
    " ",
  );

/** What a page without scripts would ask for, or lead to, by other addresses than those of `mint`. */
export function foreignAddresses(html: string): string[] {
  return [...descendants(parse(html, { scriptingEnabled: false }))]
    .filter(isElement)
    .flatMap((element) => [...inAttributes(element), ...inStyles(element)])
    .filter((address) => !/^(?:\/~v\/|#|data:image\/(?!svg)|about:invalid$)/i.test(address));
}

/** What runs, listens or replaces the document's own, in words. */
export function actingParts(html: string): string[] {
  const forbidden = /^(?:script|svg|math|object|embed|base|template|noscript|portal|fencedframe)$/;
  return [...descendants(parse(html, { scriptingEnabled: false }))]
    .filter(isElement)
    .flatMap((element) => [
      ...(forbidden.test(element.tagName) ? [element.tagName] : []),
      ...element.attrs.filter(({ name }) => /^(?:on|srcdoc|nonce|ping)/.test(name)).map(({ name }) => name),
    ]);
}

function inAttributes(element: Element): string[] {
  return FETCHING.flatMap((name) => {
    const value = attribute(element, name);
    if (value === undefined) return [];
    return name === "srcset" || name === "imagesrcset" ? value.split(", ") : [value];
  });
}

function inStyles(element: Element): string[] {
  const css = [attribute(element, "style") ?? "", element.tagName === "style" ? ownText(element) : ""];
  return css.flatMap((text) =>
    [...withoutMereStrings(text).matchAll(/(?:url\(|@import)\s*["']?([^"')\s;]+)/gi)].map(
      ([, address = ""]) => address,
    ),
  );
}

/** A string is an address only right behind `url(` or `@import`. */
function withoutMereStrings(css: string): string {
  const string = /(url\(\s*|@import\s*)?("(?:[^"\\]|\\[^])*(?:"|\\?$)|'(?:[^'\\]|\\[^])*(?:'|\\?$))/gi;
  return css
    .replace(/\\[^\n]/g, "_")
    .replace(string, (found, lead?: string) => (lead === undefined ? '""' : found));
}
