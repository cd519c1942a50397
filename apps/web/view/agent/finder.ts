/** More are not counted: a page may be nothing but one letter. */
const MAX_FOUND = 5000;
const ALL = "tabor-found";
const CURRENT = "tabor-current";
const STYLE = `::highlight(${ALL}){background:#ffe58a;color:#000}::highlight(${CURRENT}){background:#ff9632;color:#000}`;
const BLOCKS =
  "address,article,aside,blockquote,body,dd,details,div,dl,dt,fieldset,figcaption,figure,footer,form,h1,h2,h3,h4,h5,h6,header,hr,li,main,nav,ol,p,pre,section,summary,table,td,th,tr,ul";

/** Finds text in one document and marks it, without changing the document (CSS Custom Highlight API). */
export class Finder {
  readonly #page: Window & typeof globalThis;
  #query = "";
  #found: readonly Range[] = [];

  constructor(page: Window & typeof globalThis) {
    this.#page = page;
    const sheet = new page.CSSStyleSheet();
    sheet.replaceSync(STYLE);
    page.document.adoptedStyleSheets.push(sheet);
  }

  get count(): number {
    return this.#found.length;
  }

  /** Marks all places that have it. @returns how many they are. */
  find(query: string): number {
    if (query !== this.#query) this.#begin(query);
    return this.count;
  }

  /** Shows one of these places, counted from zero; undefined: none. */
  show(place: number | undefined): void {
    const range = place === undefined ? undefined : this.#found[place];
    const { CSS, Highlight } = this.#page;
    CSS.highlights.delete(CURRENT);
    if (range === undefined) return;
    const highlight = new Highlight(range);
    highlight.priority = 1;
    CSS.highlights.set(CURRENT, highlight);
    range.startContainer.parentElement?.scrollIntoView({ block: "center", inline: "nearest" });
  }

  #begin(query: string): void {
    this.#query = query;
    this.#found = query === "" ? [] : rangesOf(this.#page.document, query);
    const { CSS, Highlight } = this.#page;
    CSS.highlights.set(ALL, new Highlight(...this.#found));
    CSS.highlights.delete(CURRENT);
  }
}

interface Piece {
  readonly node: Text;
  /** Where it begins in the document's text. */
  readonly at: number;
}

/** Every place where the text is, without regard to case, also across elements within a line. */
function rangesOf(document: Document, query: string): Range[] {
  const { text, pieces } = textOf(document);
  const wanted = fold(query);
  const ranges: Range[] = [];
  let piece = 0;
  for (
    let at = text.indexOf(wanted);
    at >= 0 && ranges.length < MAX_FOUND;
    at = text.indexOf(wanted, at + wanted.length)
  ) {
    while ((pieces[piece + 1]?.at ?? Infinity) <= at) piece++;
    ranges.push(rangeAt(document, pieces, { piece, start: at, end: at + wanted.length }));
  }
  return ranges;
}

function rangeAt(
  document: Document,
  pieces: readonly Piece[],
  { piece, start, end }: { readonly piece: number; readonly start: number; readonly end: number },
): Range {
  const range = document.createRange();
  let last = piece;
  while ((pieces[last + 1]?.at ?? Infinity) < end) last++;
  const from = pieces[piece];
  const to = pieces[last];
  if (from !== undefined) range.setStart(from.node, start - from.at);
  if (to !== undefined) range.setEnd(to.node, end - to.at);
  return range;
}

/** The text that can be seen, with a break between blocks. */
function textOf(document: Document): { readonly text: string; readonly pieces: readonly Piece[] } {
  // While a document is being read it may have no body yet, whatever the types say.
  const body = document.body as HTMLElement | null;
  if (body === null) return { text: "", pieces: [] };
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const pieces: Piece[] = [];
  let text = "";
  let block: Element | null = null;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent?.checkVisibility({ visibilityProperty: true }) !== true) continue;
    const around: Element | null = parent.closest(BLOCKS);
    if (around !== block) text += "\n";
    block = around;
    pieces.push({ node: node as Text, at: text.length });
    text += fold(node.nodeValue ?? "");
  }
  return { text, pieces };
}

/** Of the same length as before, so that places in it are places in the document. */
function fold(text: string): string {
  return Array.from(text.replace(/[\s\u00a0]/g, " "), (character) => {
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  }).join("");
}
