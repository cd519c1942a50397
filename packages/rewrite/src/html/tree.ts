import { html, type DefaultTreeAdapterTypes } from "parse5";

/** The few tree operations that rewriting needs, on parse5's default tree. */
export type Document = DefaultTreeAdapterTypes.Document;
export type Node = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;
export type ParentNode = DefaultTreeAdapterTypes.ParentNode;
export type Attribute = Element["attrs"][number];

export function isElement(node: Node): node is Element {
  return "tagName" in node;
}

export function isText(node: Node): node is DefaultTreeAdapterTypes.TextNode {
  return node.nodeName === "#text";
}

export function isComment(node: Node): node is DefaultTreeAdapterTypes.CommentNode {
  return node.nodeName === "#comment";
}

function isTemplate(node: ParentNode): node is DefaultTreeAdapterTypes.Template {
  return "content" in node;
}

export function isHtml(element: Element): boolean {
  return element.namespaceURI === html.NS.HTML;
}

export function isSvg(element: Element): boolean {
  return element.namespaceURI === html.NS.SVG;
}

/** What is written between an element's tags. */
export function childrenOf(parent: ParentNode): readonly Node[] {
  return isTemplate(parent) ? parent.content.childNodes : parent.childNodes;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name && !candidate.prefix)?.value;
}

export function parentName(element: Element): string {
  const parent = element.parentNode;
  return parent !== null && "tagName" in parent ? parent.tagName : "";
}

/** All nodes below `root` in document order, without what is in templates; no recursion, for a page may be nested a million times. */
export function* descendants(root: ParentNode): Generator<Node> {
  const waiting: Node[] = root.childNodes.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    if ("childNodes" in node) for (const child of node.childNodes.toReversed()) waiting.push(child);
  }
}

/** The text right in an element: of `<style>`, `<script>`, `<title>` all there is. */
export function ownText(element: Element): string {
  return element.childNodes.map((child) => (isText(child) ? child.value : "")).join("");
}

/** The text below `root`, white space run together, at most `limit` characters. */
export function textOf(root: ParentNode, limit: number): string {
  let text = "";
  for (const node of descendants(root)) {
    if (isText(node)) text += node.value.slice(0, 4 * limit);
    if (text.length > 4 * limit) break;
  }
  return collapse(text, limit);
}

export function collapse(text: string, limit: number): string {
  return text
    .slice(0, 4 * limit)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, limit);
}
