import type { TaborError } from "@tabor/onion-core";
import { explain } from "./explain.ts";
import { escapeHtml } from "./html-text.ts";

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:36rem;margin:12vh auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.25}dt{font-weight:600;margin-top:.75rem}dd{margin:0}
.soft{opacity:.75;overflow-wrap:anywhere}`;

/** The page in place of one that could not be shown: what happened, where on the way, and what to do. */
export function errorPage(error: TaborError, url: URL): string {
  const { title, where, advice, detail } = explain(error);
  return page(title, [
    ["Address", url.href],
    ["Where", where],
    ["What to do", advice],
    ["In the program's words", detail],
  ]);
}

/** The page in place of one that only comes over plain `http:`. */
export function consentPage(url: URL, reason: string): string {
  return page(`${url.host} speaks only plain http`, [
    [
      "Why it is not shown",
      `Over https it cannot be had: ${reason}. Nothing was sent to it without encryption.`,
    ],
    [
      "What that means",
      "The exit, and everybody between it and the site, could read and change the page and whatever you type there.",
    ],
    ["What to do", "Go on only if the page needs no secrets; Tabor asks you above."],
  ]);
}

/** The page in place of a frame of another origin, where a site's pages frame more of them than are set apart. */
export function tooManyFramesPage(url: URL): string {
  return page("Not shown", [
    ["Address", url.href.slice(0, 200)],
    ["Why", "Pages of this site frame more other sites than Tabor keeps apart at once."],
    ["What to do", "Open the address in a tab of its own, or take a new identity."],
  ]);
}

/** The page in place of a frame whose site does not allow it. */
export function notFramablePage(url: URL): string {
  return page("Not shown here", [
    ["Address", url.href.slice(0, 200)],
    ["Why", "The site does not allow other sites to show it within their pages."],
    ["What to do", "Open the address in a tab of its own."],
  ]);
}

/** The page in place of one that is not of the web. */
export function otherProgramPage(url: URL): string {
  return page("This address is for another program", [
    ["Address", url.href.slice(0, 200)],
    ["What to do", "Tabor opens web addresses only, and hands none to other programs. Nothing was sent."],
  ]);
}

function page(title: string, facts: readonly (readonly [string, string])[]): string {
  const rows = facts.map(([name, text]) => `<dt>${escapeHtml(name)}<dd class="soft">${escapeHtml(text)}`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style>
<main data-tabor="error"><h1>${escapeHtml(title)}</h1><dl>${rows.join("\n")}</dl></main>`;
}

/** Put behind a page that wants to go elsewhere by itself: it may when the person says so. */
export function refreshBar(address: string, target: URL): string {
  return bar(`This page wants to go on to <a href="${escapeHtml(address)}">${escapeHtml(target.host)}</a>.`);
}

/** Put behind a page of which only the beginning is shown. */
export function cutBar(): string {
  return bar("This page is longer than Tabor shows; its end is missing.");
}

function bar(html: string): string {
  const style =
    "all:initial;position:fixed;inset:auto 0 0 0;z-index:2147483647;padding:.6rem 1rem;background:#222;color:#fff;font:15px/1.4 system-ui,sans-serif";
  return `<div data-tabor="bar" style="${style}">${html.replace("<a ", '<a style="color:#9cf" ')}</div>`;
}
