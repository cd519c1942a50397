import { serializeOuter } from "parse5";
import { append, createElement, type Element } from "./tree.ts";

/** A document for the frame: it stands alone, asks for nothing, and has nothing that acts. */
export interface CleanDocument {
  readonly html: string;
  /** May be empty. */
  readonly title: string;
  /** It was too long, and its end is missing. */
  readonly cut: boolean;
}

/**
 * The second wall, should the first (cleaning) and the third (the frame's sandbox) both have a hole: nothing may be
 * loaded but an image from its own text.
 */
export const FRAME_POLICY =
  "default-src 'none'; img-src data:; form-action 'none'; base-uri 'none'; frame-src 'none'; connect-src 'none'";

export interface DocumentParts {
  readonly title: string;
  readonly lang?: string | undefined;
  readonly dir?: string | undefined;
  readonly body: Element;
  /** Stand before the body's content. */
  readonly notes: readonly Element[];
  readonly cut: boolean;
}

export function writeDocument({ title, lang, dir, body, notes, cut }: DocumentParts): CleanDocument {
  const html = createElement("html", {
    ...(lang === undefined ? {} : { lang }),
    ...(dir === undefined ? {} : { dir }),
  });
  append(html, head(title));
  append(html, withNotes(body, cut ? [...notes, cutNote()] : notes));
  return { html: `<!DOCTYPE html>${serializeOuter(html)}`, title, cut };
}

function head(title: string): Element {
  const element = createElement("head");
  append(element, createElement("meta", { charset: "utf-8" }));
  append(element, createElement("meta", { "http-equiv": "Content-Security-Policy", content: FRAME_POLICY }));
  append(element, createElement("meta", { name: "referrer", content: "no-referrer" }));
  const titleElement = createElement("title");
  append(titleElement, title === "" ? "Page" : title);
  append(element, titleElement);
  return element;
}

function withNotes(body: Element, notes: readonly Element[]): Element {
  const noted = createElement("body");
  for (const note of notes) append(noted, note);
  for (const child of body.childNodes) {
    child.parentNode = noted;
    noted.childNodes.push(child);
  }
  return noted;
}

function cutNote(): Element {
  const note = createElement("p", { class: "tabor-note" });
  append(note, "This page is too long to be shown whole; its end is missing.");
  return note;
}

/** Plain text as a document. */
export function textDocument(text: string, title: string, cut: boolean): CleanDocument {
  const body = createElement("body");
  const pre = createElement("pre");
  // The parser drops one line feed right after <pre>.
  append(pre, `\n${text}`);
  append(body, pre);
  return writeDocument({ title, body, notes: [], cut });
}

/** An image as a document. @param source a `data:` URL with an image type. */
export function imageDocument(source: string, title: string): CleanDocument {
  const body = createElement("body", { class: "tabor-image" });
  append(body, createElement("img", { src: source, alt: title }));
  return writeDocument({ title, body, notes: [], cut: false });
}
