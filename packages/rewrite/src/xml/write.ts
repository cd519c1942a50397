import { TaborError } from "@tabor/onion-core";
import { MAX_OUTPUT } from "../bounds.ts";
import { isElement, isText, type Document, type Element, type Node } from "../html/tree.ts";
import type { Outcome, WrittenAttribute } from "../html/write.ts";

/**
 * Serializes a tree as XML. Elements carry their namespace without a prefix.
 * @throws TaborError resource-limit.
 */
export function writeXml(document: Document, outcome: (element: Element) => Outcome): string {
  let output = '<?xml version="1.0" encoding="UTF-8"?>';
  const open: Open[] = [{ nodes: document.childNodes, next: 0, end: "", namespace: "" }];
  for (let innermost = open.at(-1); innermost !== undefined; innermost = open.at(-1)) {
    const node = innermost.nodes[innermost.next++];
    if (node === undefined) {
      output += innermost.end;
      open.pop();
    } else if (isText(node)) {
      output += escapeXml(node.value);
    } else if (isElement(node)) {
      const { written, inside } = elementText(node, outcome(node), innermost.namespace);
      output += written;
      if (inside !== undefined) open.push(inside);
    }
    if (output.length > MAX_OUTPUT)
      throw new TaborError("resource-limit", "site", "this document grows too long");
  }
  return output;
}

interface Open {
  readonly nodes: readonly Node[];
  next: number;
  readonly end: string;
  readonly namespace: string;
}

interface Written {
  readonly written: string;
  /** Its children, to be written next. */
  readonly inside?: Open;
}

function elementText(element: Element, outcome: Outcome, namespace: string): Written {
  switch (outcome.as) {
    case "text":
      return { written: escapeXml(outcome.text) };
    case "children":
      return { written: "", inside: { nodes: element.childNodes, next: 0, end: "", namespace } };
    case "element": {
      const own: string = element.namespaceURI;
      const tag = startTag(outcome.name, outcome.attributes, own === namespace ? undefined : own);
      const end = `</${outcome.name}>`;
      const content = outcome.raw ?? outcome.text;
      if (content !== undefined) return { written: tag + escapeXml(content) + end };
      return { written: tag, inside: { nodes: element.childNodes, next: 0, end, namespace: own } };
    }
  }
}

function startTag(
  name: string,
  attributes: readonly WrittenAttribute[],
  namespace: string | undefined,
): string {
  let tag = `<${name}`;
  if (namespace !== undefined) tag += ` xmlns="${escapeXml(namespace)}"`;
  for (const [attribute, value] of attributes) {
    if (attribute !== "xmlns") tag += ` ${attribute}="${escapeXml(value)}"`;
  }
  return `${tag}>`;
}

/** Line ends and tabs too, as parsers make blanks of those in attributes; what XML cannot hold has not been read either. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (found) => `&#${found.charCodeAt(0)};`);
}
