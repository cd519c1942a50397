import { collapse } from "./html/tree.ts";
import { escapeAttribute, escapeText } from "./html/write.ts";

/** A picture, film or sound that is shown by itself, as a page. */
export interface Media {
  readonly kind: "image" | "video" | "audio";
  /** Where the view gets it; minted. */
  readonly source: string;
  /** What it is called; of an image, also its alternative text. */
  readonly title: string;
}

const TITLE_LENGTH = 300;

/** A page that shows a text as it is. */
export function documentOfText(text: string, title: string): string {
  // The parser drops one line feed right after <pre>.
  return page(title, `<pre style="overflow-wrap:anywhere;white-space:pre-wrap">\n${escapeText(text)}</pre>`);
}

/** A page that shows one thing, in the middle and no larger than the window. */
export function documentOfMedia({ kind, source, title }: Media): string {
  const src = escapeAttribute(source);
  const alt = escapeAttribute(collapse(title, TITLE_LENGTH));
  const size = 'style="display:block;margin:auto;max-height:100vh;max-width:100%"';
  switch (kind) {
    case "image":
      return page(title, `<img src="${src}" alt="${alt}" ${size}>`);
    case "video":
    case "audio":
      return page(title, `<${kind} src="${src}" title="${alt}" controls ${size}></${kind}>`);
  }
}

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeText(collapse(title, TITLE_LENGTH))}</title>`;
  return `<!DOCTYPE html><html><head>${head}</head><body style="margin:0.5rem">${body}</body></html>`;
}
