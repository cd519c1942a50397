// Reaches whoever imports this package, as a project's own list of files would not.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- there is no package with these types
/// <reference path="./css-tree.d.ts" />
import { tokenize, tokenTypes as T } from "css-tree/tokenizer";
import { ident, string, url } from "css-tree/utils";
import type { UrlUse } from "../api.ts";
import { normalizeCss } from "./normalize.ts";
import { OpenBlocks } from "./open-blocks.ts";

export interface CssRules {
  /** The address to write for one that was read; undefined: there is none for it. */
  readonly address: (written: string, use: UrlUse) => string | undefined;
  /** Whether `@font-face` stays. */
  readonly fonts: boolean;
  /** Whether what refers into other documents (`filter: url(x.svg#a)`) stays; Firefox loads these past every policy. */
  readonly references: boolean;
}

/** What CSS Values §4.5.4 gives for a URL that is none: nothing is loaded. */
const NOTHING = 'url("about:invalid")';
/** A token that no property takes: makes a declaration invalid that was. */
const INVALID = "~";

/** Functions whose strings are addresses. */
const URL_STRINGS = new Set(["image-set", "-webkit-image-set", "image", "cross-fade", "-webkit-cross-fade"]);
/** Functions that bring in text from elsewhere, which would then be an address that nobody has looked at. */
const SUBSTITUTIONS = new Set([
  "var",
  "env",
  "attr",
  "if",
  "inherit",
  "random-item",
  "toggle",
  "first-valid",
]);
/** Properties that load programs, in browsers of old. */
const PROGRAMS = new Set(["behavior", "-ms-behavior", "-moz-binding"]);
const REFERENCES = new Set(
  "filter -webkit-filter backdrop-filter -webkit-backdrop-filter clip-path -webkit-clip-path fill stroke marker marker-start marker-mid marker-end".split(
    " ",
  ),
);

/**
 * Rewrites the addresses of a stylesheet, or of the declarations of a `style` attribute, and leaves the rest as it is but for comments.
 * Works on tokens (CSS Syntax Level 3), in linear time. What comes out has no `<` that could begin a tag, so it may stand in `<style>`.
 */
export function rewriteCssText(text: string, rules: CssRules): string {
  const source = normalizeCss(text);
  const rewriter = new CssRewriter(source, rules);
  tokenize(source, (type, start, end) => {
    rewriter.token(type, start, end);
  });
  return rewriter.finish();
}

class CssRewriter {
  readonly #blocks = new OpenBlocks();
  readonly #source: string;
  readonly #rules: CssRules;
  readonly #pieces: string[] = [];
  /** Up to here the source is copied or replaced. */
  #copied = 0;
  /** Nothing is written while one of these is open: a url() with more than a string, a rule that is dropped. */
  #muted:
    | {
        readonly depth: number;
        readonly until: "block" | "function";
        readonly write: (end: string) => string;
      }
    | undefined;
  /** The at-rule whose address is awaited. */
  #awaiting: "import" | "namespace" | undefined;
  /** Which piece is an `@import` whose address is to come next. */
  #importPiece: number | undefined;
  /** Depth of the block of the `@font-face` we are in, 0 if in none. */
  #fontFace = 0;
  #atFontFace = false;
  /** Where we are in a declaration: at its start, after its name, or in its value. */
  #declaration: "start" | "name" | "value" = "start";
  #property = "";
  /** What a muted url() says. */
  #address: string | undefined;

  constructor(source: string, rules: CssRules) {
    this.#source = source;
    this.#rules = rules;
  }

  token(type: number, start: number, end: number): void {
    this.#followDeclaration(type, start, end);
    this.#followImport(type, start, end);
    switch (type) {
      case T.Comment:
        this.#replace(start, end, "/**/");
        break;
      case T.CDO:
      case T.CDC:
        this.#replace(start, end, " ");
        break;
      case T.BadString:
      case T.BadUrl:
        this.#replace(start, end, `${INVALID}\n`);
        break;
      case T.Url:
        this.#url(start, end);
        break;
      case T.String:
        this.#string(start, end);
        break;
      case T.Function:
        this.#function(start, end);
        break;
      case T.AtKeyword:
        this.#atKeyword(start, end);
        break;
      case T.Delim:
        this.#delim(start, end);
        break;
      case T.Ident:
      case T.Hash:
      case T.Dimension:
        this.#nameBeforeBracket(start, end);
        break;
      default:
        this.#punctuation(type, start, end);
    }
  }

  finish(): string {
    if (this.#muted === undefined) this.#copyTo(this.#source.length);
    else this.#pieces.push(this.#muted.write(""));
    return this.#pieces.join("");
  }

  #followDeclaration(type: number, start: number, end: number): void {
    if (type === T.WhiteSpace || type === T.Comment) return;
    if (type === T.Semicolon || type === T.LeftCurlyBracket || type === T.RightCurlyBracket) {
      this.#declaration = "start";
      this.#property = "";
    } else if (this.#declaration === "start" && type === T.Ident) {
      this.#declaration = "name";
      this.#property = this.#name(start, end);
    } else {
      if (this.#declaration !== "value" && type !== T.Colon) this.#property = "";
      this.#declaration = "value";
    }
  }

  #url(start: number, end: number): void {
    const token = this.#source.slice(start, end);
    // Scripts read what they wrote; it leads nowhere else.
    if (PLAIN_FRAGMENT.test(token) && this.#use() === "image") return;
    const written = url.decode(token);
    if (this.#awaiting === "namespace") this.#replace(start, end, quoted(written));
    else this.#replace(start, end, this.#urlFor(written));
    this.#awaiting = undefined;
  }

  #string(start: number, end: number): void {
    const token = this.#source.slice(start, end);
    const parent = this.#blocks.innermost;
    if (parent === "url") {
      this.#address ??= string.decode(token);
    } else if (this.#awaiting === "import" || parent === "url-strings") {
      const use = this.#use();
      this.#awaiting = undefined;
      this.#replace(start, end, quoted(this.#rules.address(string.decode(token), use) ?? "about:invalid"));
    } else {
      this.#awaiting = undefined;
      if (token.includes("<")) this.#replace(start, end, quoted(string.decode(token)));
    }
  }

  #function(start: number, end: number): void {
    const name = this.#name(start, end - 1);
    if (name === "url" || name === "src") {
      this.#address = undefined;
      const namespace = this.#awaiting === "namespace";
      this.#mute(start, "function", () => {
        const written = this.#address ?? "";
        const address = namespace ? quoted(written) : this.#urlFor(written);
        this.#awaiting = undefined;
        return address;
      });
      this.#blocks.open("url");
      return;
    }
    const substituted = SUBSTITUTIONS.has(name) || name.startsWith("--");
    this.#awaiting = undefined;
    // Browsers differ in which letters beyond ASCII belong to a name, so what ends in "url" might be one to them.
    const refused =
      name === "expression" || name.endsWith("url") || (substituted && this.#blocks.inUrlStrings);
    if (refused) this.#replace(start, end, "refused(");
    else this.#escapeTags(start, end);
    this.#blocks.open(URL_STRINGS.has(name) ? "url-strings" : "(");
  }

  #atKeyword(start: number, end: number): void {
    const name = this.#name(start + 1, end);
    const isAddressed = (name === "import" || name === "namespace") && !this.#blocks.inUrlStrings;
    this.#awaiting = isAddressed ? name : undefined;
    this.#atFontFace = name === "font-face";
    // Its sheet is text here, and will be UTF-8.
    const dropped = name === "charset" || (this.#atFontFace && !this.#rules.fonts);
    // A rule that no browser knows, as what stands around it would else grow together: `u@charset;rl(x)`, `@import @charset;"x"`.
    if (dropped) this.#mute(start, "block", (ending) => `@refused${ending}`);
    else this.#nameBeforeBracket(start, end);
    if (name === "import") this.#importPiece = this.#pieceOf(start, end);
  }

  /** Chromium fetches ahead what stands in `@import x` although it is neither a string nor a URL. */
  #followImport(type: number, start: number, end: number): void {
    if (this.#importPiece === undefined || type === T.WhiteSpace || type === T.Comment) return;
    const isUrl = type === T.Function && /^(?:url|src)$/.test(this.#name(start, end - 1));
    if (type !== T.String && type !== T.Url && !isUrl) this.#pieces[this.#importPiece] = "@refused";
    this.#importPiece = undefined;
  }

  #delim(start: number, end: number): void {
    const isBeforeName = !/[ \t\n=\d.(]/.test(this.#source.charAt(end));
    if (this.#source.charCodeAt(start) === LESS_THAN && isBeforeName) this.#replace(start, end, "< ");
  }

  #punctuation(type: number, start: number, end: number): void {
    switch (type) {
      case T.LeftParenthesis:
        this.#blocks.open("(");
        break;
      case T.LeftSquareBracket:
        this.#blocks.open("[");
        break;
      case T.LeftCurlyBracket:
        this.#openBlock();
        break;
      case T.RightParenthesis:
      case T.RightSquareBracket:
      case T.RightCurlyBracket:
        this.#close(this.#source.charAt(start), start, end);
        break;
      case T.Semicolon:
        this.#awaiting = undefined;
        this.#atFontFace = false;
        if (this.#muted?.until === "block" && this.#blocks.depth === this.#muted.depth)
          this.#unmute(end, ";");
        break;
      default:
    }
  }

  #openBlock(): void {
    this.#awaiting = undefined;
    this.#blocks.open("{");
    if (this.#atFontFace) this.#fontFace = this.#blocks.depth;
    this.#atFontFace = false;
  }

  #close(closer: string, start: number, end: number): void {
    const before = this.#blocks.depth;
    const closed = this.#blocks.close(closer);
    if (!closed) return;
    if (this.#fontFace === before) this.#fontFace = 0;
    if (closer === "}") this.#atFontFace = false;
    const muted = this.#muted;
    if (muted === undefined) return;
    if (this.#blocks.depth === muted.depth && (closer === "}" || muted.until === "function"))
      this.#unmute(end, "{}");
    // The block around a rule that never came to its own: its end is not part of what is dropped.
    else if (this.#blocks.depth < muted.depth) this.#unmute(start, "");
  }

  #use(): UrlUse {
    if (this.#awaiting === "import") return "style";
    return this.#fontFace > 0 ? "font" : "image";
  }

  #urlFor(written: string): string {
    const use = this.#use();
    const trimmed = written.trim();
    if (trimmed === "") return NOTHING;
    if (trimmed.startsWith("#") && use === "image") return `url(${quoted(trimmed)})`;
    if (PROGRAMS.has(this.#property)) return NOTHING;
    if (!this.#rules.references && REFERENCES.has(this.#property)) return NOTHING;
    const address = this.#rules.address(written, use);
    return address === undefined ? NOTHING : `url(${quoted(address)})`;
  }

  #name(start: number, end: number): string {
    const text = this.#source.slice(start, end);
    return (text.includes("\\") ? ident.decode(text) : text).toLowerCase();
  }

  /** In a name `<` stands only behind a backslash. */
  #escapeTags(start: number, end: number): void {
    const text = this.#source.slice(start, end);
    if (text.includes("<")) this.#replace(start, end, text.replaceAll("\\<", "\\3c "));
  }

  /** A name that is no function's, `@x` or `#x`, right before a bracket: to some browsers its end might be `url(`; with a blank, to none. */
  #nameBeforeBracket(start: number, end: number): void {
    this.#escapeTags(start, end);
    if (this.#source.charAt(end) === "(" && this.#name(start, end).endsWith("url"))
      this.#replace(end, end, " ");
  }

  #mute(start: number, until: "block" | "function", write: (end: string) => string): void {
    if (this.#muted !== undefined) return;
    this.#copyTo(start);
    this.#muted = { depth: this.#blocks.depth, until, write };
  }

  /** @param by how what is muted ended, in its place. */
  #unmute(end: number, by: string): void {
    const muted = this.#muted;
    this.#muted = undefined;
    if (muted !== undefined) this.#pieces.push(muted.write(by));
    this.#copied = end;
  }

  #replace(start: number, end: number, by: string): void {
    if (this.#muted !== undefined) return;
    this.#copyTo(start);
    this.#pieces.push(by);
    this.#copied = end;
  }

  /** A piece of its own, so that it can still be changed; undefined while nothing is written. */
  #pieceOf(start: number, end: number): number | undefined {
    if (this.#muted !== undefined) return undefined;
    if (this.#copied < end) {
      this.#copyTo(start);
      this.#copyTo(end);
    }
    return this.#pieces.length - 1;
  }

  #copyTo(end: number): void {
    if (end > this.#copied) this.#pieces.push(this.#source.slice(this.#copied, end));
    this.#copied = end;
  }
}

const PLAIN_FRAGMENT = /^url\(#[\w:.-]+\)$/i;
const LESS_THAN = "<".charCodeAt(0);

/** A CSS string; what could end it, or a `<style>`, is escaped. */
function quoted(text: string): string {
  const escaped = text.replace(
    /[\0-\x1f\x7f"\\<]/g,
    (character) => `\\${character.charCodeAt(0).toString(16)} `,
  );
  return `"${escaped}"`;
}
