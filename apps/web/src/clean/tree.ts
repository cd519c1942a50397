import { defaultTreeAdapter, html, type DefaultTreeAdapterTypes } from "parse5";

/** The few tree operations that cleaning needs, on parse5's default tree. */
export type Node = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;
export type ParentNode = DefaultTreeAdapterTypes.ParentNode;

export function isElement(node: Node): node is Element {
  return "tagName" in node;
}

export function isText(node: Node): node is DefaultTreeAdapterTypes.TextNode {
  return node.nodeName === "#text";
}

export function isHtml(element: Element): boolean {
  return element.namespaceURI === html.NS.HTML;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name && candidate.prefix === undefined)?.value;
}

export function createElement(tagName: string, attributes: Readonly<Record<string, string>> = {}): Element {
  const attrs = Object.entries(attributes).map(([name, value]) => ({ name, value }));
  return defaultTreeAdapter.createElement(tagName, html.NS.HTML, attrs);
}

export function append(parent: ParentNode, child: Element | string): void {
  if (typeof child === "string") defaultTreeAdapter.insertText(parent, child);
  else defaultTreeAdapter.appendChild(parent, child);
}

/** All nodes below `root` in document order; without recursion, for a page may be nested a million times. */
export function* descendants(root: ParentNode): Generator<Node> {
  const waiting: Node[] = root.childNodes.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    if ("childNodes" in node) for (const child of node.childNodes.toReversed()) waiting.push(child);
  }
}

/** The text below `root`, white space run together, at most about `limit` characters. */
export function textOf(root: ParentNode, limit: number): string {
  let text = "";
  for (const node of descendants(root)) {
    if (isText(node)) text += node.value;
    if (text.length > 4 * limit) break;
  }
  return text.replace(/\s+/g, " ").trim().slice(0, limit);
}
