import { TaborError } from "@tabor/onion-core";
import { addressesOf, RASTER_ONLY, WHAT_SCRIPTS_MAY, type Addresses } from "./address.ts";
import type { RewrittenHtml, Rewriting } from "./api.ts";
import { MAX_TEXT } from "./bounds.ts";
import { rewriteCssText } from "./css/rewrite-css.ts";
import { guarded } from "./guarded.ts";
import { rewriteDocument } from "./html/rewrite-html.ts";
import { rewriteImports } from "./module.ts";
import { SAFEST } from "./safest/level.ts";
import { STANDARD } from "./standard/level.ts";
import { rewriteXmlDocument } from "./xml/rewrite-xml.ts";

/**
 * A page for the view. What is too long or too deep is cut, and said to be.
 * @param text decoded; at Safest also XHTML, which is then read as HTML.
 * @throws TaborError malformed, `where: "site"`: at Safest, if what was written does not stand the check; never to be shown.
 */
export function rewriteHtml(text: string, rewriting: Rewriting): RewrittenHtml {
  return guarded("page", () =>
    rewriteDocument(text, rewriting, rewriting.level === "safest" ? SAFEST : STANDARD),
  );
}

/**
 * A stylesheet for the view, to be served as UTF-8. `rewriting.base` is its own address.
 * @param text decoded by the caller, who knows its character encoding.
 * @throws TaborError resource-limit, `where: "site"`, if it is longer than any style sheet is.
 */
export function rewriteCss(text: string, rewriting: Rewriting): string {
  const isSafest = rewriting.level === "safest";
  return guarded("stylesheet", () =>
    rewriteCssText(bounded(text), {
      address: addressesFor(rewriting).rewrite,
      fonts: !isSafest,
      references: !isSafest,
    }),
  );
}

/**
 * A script for the view, at Standard: the addresses that it imports from are minted. Modules and classic scripts.
 * @throws TaborError resource-limit, `where: "site"`.
 */
export function rewriteModule(text: string, rewriting: Rewriting): string {
  return guarded("script", () => rewriteImports(bounded(text), addressesFor(rewriting)));
}

/**
 * A document of XML for the view, at Standard: SVG, XHTML, and others as they are. At Safest SVG is not shown, and XHTML is read as HTML.
 * @throws TaborError malformed for what is not well-formed (browsers read XHTML no better), resource-limit; both `where: "site"`; usage at
 * Safest.
 */
export function rewriteXml(text: string, rewriting: Rewriting): string {
  if (rewriting.level === "safest") throw new TaborError("usage", "here", "no XML at Safest");
  return guarded("document", () => rewriteXmlDocument(text, rewriting));
}

function addressesFor(rewriting: Rewriting): Addresses {
  return addressesOf(rewriting, {
    data: rewriting.level === "safest" ? RASTER_ONLY : WHAT_SCRIPTS_MAY,
  });
}

function bounded(text: string): string {
  if (text.length > MAX_TEXT)
    throw new TaborError("resource-limit", "site", "a part of the page is too long");
  return text;
}
