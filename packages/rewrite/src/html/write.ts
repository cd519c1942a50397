import { html as standard } from "parse5";
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_OUTPUT } from "../bounds.ts";
import {
  childrenOf,
  isComment,
  isElement,
  isHtml,
  isText,
  type Document,
  type Element,
  type Node,
} from "./tree.ts";

/** What is written for an element. */
export type Outcome =
  | {
      readonly as: "element";
      readonly name: string;
      readonly attributes: readonly WrittenAttribute[];
      /** In place of its children: text as it stands there (in `<style>`, `<script>`). */
      readonly raw?: string;
      /** In place of its children, to be escaped. */
      readonly text?: string;
    }
  /** Its children take its place. */
  | { readonly as: "children" }
  /** A text takes its place; the empty one drops it. */
  | { readonly as: "text"; readonly text: string };

export const DROPPED: Outcome = { as: "text", text: "" };
export const UNWRAPPED: Outcome = { as: "children" };

export type WrittenAttribute = readonly [name: string, value: string];

export interface WriteRules {
  readonly outcome: (element: Element) => Outcome;
  readonly comments: boolean;
  /** Whether scripts run where this is shown: then the content of `<noscript>` is raw text. */
  readonly scripting: boolean;
  /** Markup that stands first in the head. */
  readonly preamble: string;
}

/** Serializes a document as HTML §13.3 says, but for what `rules` make of its elements; within `MAX_OUTPUT`. */
export function writeHtml(
  document: Document,
  rules: WriteRules,
): { readonly html: string; readonly cut: boolean } {
  const writer = new Writer(rules);
  writer.write(document);
  return { html: writer.output, cut: writer.full };
}

/** An element whose children are being written. */
interface Open {
  readonly nodes: readonly Node[];
  next: number;
  readonly end: string;
  readonly depth: number;
  readonly raw: boolean;
}

class Writer {
  output = "";
  full = false;
  readonly #rules: WriteRules;
  readonly #open: Open[] = [];

  constructor(rules: WriteRules) {
    this.#rules = rules;
  }

  write(document: Document): void {
    this.output = doctypeOf(document.mode);
    this.#open.push({ nodes: document.childNodes, next: 0, end: "", depth: 0, raw: false });
    for (let open = this.#open.at(-1); open !== undefined; open = this.#open.at(-1)) {
      const node = this.full ? undefined : open.nodes[open.next++];
      if (node === undefined) {
        this.output += open.end;
        this.#open.pop();
      } else {
        this.#node(node, open);
        this.full ||= this.output.length > MAX_OUTPUT;
      }
    }
  }

  #node(node: Node, parent: Open): void {
    if (isText(node)) this.output += parent.raw ? node.value : escapeText(node.value);
    else if (isElement(node)) this.#element(node, parent);
    else if (isComment(node) && this.#rules.comments) this.output += `<!--${node.data}-->`;
  }

  #element(element: Element, parent: Open): void {
    const outcome = this.#rules.outcome(element);
    switch (outcome.as) {
      case "text":
        this.output += escapeText(outcome.text);
        break;
      case "children":
        this.#descend(element, parent, "");
        break;
      case "element":
        this.#tagged(element, outcome, parent);
        break;
    }
  }

  #tagged(element: Element, outcome: Extract<Outcome, { as: "element" }>, parent: Open): void {
    const { name, raw, text } = outcome;
    const isVoid = VOID.has(name) && isHtml(element);
    const content = raw ?? (text === undefined ? undefined : escapeText(text));
    if (parent.depth >= MAX_DEPTH && !isVoid && content === undefined) {
      this.#descend(element, parent, "");
      return;
    }
    this.output += `<${name}${attributesText(outcome.attributes)}>`;
    if (isVoid) return;
    const end = `</${name}>`;
    if (content !== undefined) {
      this.output += content + end;
      return;
    }
    this.output += this.#firstIn(element);
    this.#descend(element, parent, end);
  }

  #firstIn(element: Element): string {
    if (!isHtml(element)) return "";
    if (element.tagName === "head") return this.#rules.preamble;
    return LINE_EATERS.has(element.tagName) && startsWithLine(element) ? "\n" : "";
  }

  #descend(element: Element, parent: Open, end: string): void {
    const name = element.tagName;
    const raw = isHtml(element) && (RAW.has(name) || (name === "noscript" && this.#rules.scripting));
    const depth = end === "" ? parent.depth : parent.depth + 1;
    this.#open.push({ nodes: childrenOf(element), next: 0, end, depth, raw: raw && end !== "" });
  }
}

const VOID = new Set(
  "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split(
    " ",
  ),
);
const RAW = new Set("style script xmp iframe noembed noframes plaintext".split(" "));
/** The parser drops a line feed right after their start tags. */
const LINE_EATERS = new Set(["pre", "textarea", "listing"]);

function startsWithLine(element: Element): boolean {
  const first = element.childNodes[0];
  return first !== undefined && isText(first) && first.value.startsWith("\n");
}

function doctypeOf(mode: standard.DOCUMENT_MODE): string {
  switch (mode) {
    case standard.DOCUMENT_MODE.NO_QUIRKS:
      return "<!DOCTYPE html>";
    case standard.DOCUMENT_MODE.LIMITED_QUIRKS:
      return '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';
    case standard.DOCUMENT_MODE.QUIRKS:
      return "";
  }
}

function attributesText(attributes: readonly WrittenAttribute[]): string {
  let text = "";
  let count = 0;
  for (const [name, value] of attributes) {
    if (++count > MAX_ATTRIBUTES) break;
    text += value === "" ? ` ${name}=""` : ` ${name}="${escapeAttribute(value)}"`;
  }
  return text;
}

export function escapeText(text: string): string {
  return /[&<>\u00A0]/.test(text) ? text.replace(/[&<>\u00A0]/g, (found) => ESCAPES[found] ?? found) : text;
}

/** `<` and `>` too: whatever a parser takes this for, it holds no tag. */
export function escapeAttribute(value: string): string {
  return /[&<>"\u00A0]/.test(value)
    ? value.replace(/[&<>"\u00A0]/g, (found) => ESCAPES[found] ?? found)
    : value;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\u00A0": "&nbsp;",
};
