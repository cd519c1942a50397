/** A start tag, where it stands in a text. */
export interface Tag {
  readonly start: number;
  readonly end: number;
  /** In lower case. */
  readonly name: string;
  readonly attributes: readonly TagAttribute[];
  readonly selfClosing: boolean;
}

export interface TagAttribute {
  /** In lower case. */
  readonly name: string;
  /** As it is written: character references stand in it. */
  readonly raw: string;
}

/** What stands between a start tag and its end tag, where tags are text (HTML §13.2.5, RCDATA, RAWTEXT, script data). */
export interface RawText {
  readonly of: Tag;
  readonly start: number;
  readonly end: number;
}

const RAW = new Set([
  "iframe",
  "noembed",
  "noframes",
  "noscript",
  "plaintext",
  "script",
  "style",
  "textarea",
  "title",
  "xmp",
]);

/** HTML §13.2.5.33 and what follows: name, then quoted, unquoted or no value. */
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?/y;

/**
 * The start tags and end tags of a piece of HTML as its tokenizer sees them, and raw texts, in linear time. Comments are passed over; a tag
 * that the piece does not finish is none.
 */
export function* tokensOf(html: string): Generator<Tag | RawText | { readonly endTag: string }> {
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at)) {
    if (html.startsWith("<!--", at)) at = after(html, "-->", at + 4);
    else if (/[!?]/.test(html.charAt(at + 1))) at = after(html, ">", at);
    else if (html.charAt(at + 1) === "/") {
      const end = after(html, ">", at);
      const name = /^<\/([a-z][^\s/>]*)/i.exec(html.slice(at, Math.min(end, at + 60)))?.[1];
      if (name !== undefined) yield { endTag: name.toLowerCase() };
      at = end;
    } else {
      const tag = tagAt(html, at);
      if (tag === undefined) return;
      at = tag.end;
      if (tag.name === "") continue;
      yield tag;
      if (!RAW.has(tag.name)) continue;
      const end = endOfRaw(html, tag);
      yield { of: tag, start: tag.end, end };
      at = end;
    }
  }
}

/** A tag without a name: `<` is text here. undefined: unfinished. */
function tagAt(html: string, start: number): Tag | undefined {
  const name = /^<([a-z][^\s/>]*)/i.exec(html.slice(start, start + 60))?.[1]?.toLowerCase();
  if (name === undefined) return { start, end: start + 1, name: "", attributes: [], selfClosing: false };
  const attributes = attributesAt(html, start + 1 + name.length);
  const close = attributes === undefined ? -1 : html.indexOf(">", attributes.end);
  if (attributes === undefined || close < 0) return undefined;
  return {
    start,
    end: close + 1,
    name,
    attributes: attributes.read,
    selfClosing: html.charAt(close - 1) === "/",
  };
}

/** undefined: a quote that nothing closes. */
function attributesAt(
  html: string,
  start: number,
): { readonly read: TagAttribute[]; readonly end: number } | undefined {
  const read: TagAttribute[] = [];
  let end = start;
  ATTRIBUTE.lastIndex = end;
  for (let match = ATTRIBUTE.exec(html); match !== null; match = ATTRIBUTE.exec(html)) {
    const [, key = "", double, single, bare] = match;
    end = ATTRIBUTE.lastIndex;
    if (bare === undefined && /^\s*=\s*["']/.test(html.slice(end, end + 20))) return undefined;
    read.push({ name: key.toLowerCase(), raw: double ?? single ?? bare ?? "" });
  }
  return { read, end };
}

function endOfRaw(html: string, { name, end }: Tag): number {
  if (name === "plaintext") return html.length;
  const closing = new RegExp(`</${name}[\\s/>]`, "gi");
  closing.lastIndex = end;
  return closing.exec(html)?.index ?? html.length;
}

function after(html: string, what: string, from: number): number {
  const found = html.indexOf(what, from);
  return found < 0 ? html.length : found + what.length;
}
