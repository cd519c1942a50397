import { TaborError } from "@tabor/onion-core";
import { defaultTreeAdapter, type html } from "parse5";
import { SaxesParser, type SaxesTagNS } from "saxes";
import { MAX_NODES, MAX_TEXT } from "../bounds.ts";
import type { Document, Element, ParentNode } from "../html/tree.ts";

/** Browsers flatten HTML that is deeper; of XML they give up a few thousand levels later. */
const MAX_XML_DEPTH = 2000;
/** Of internal entities, which files of drawing programs have for their namespaces. */
const MAX_ENTITIES = 100;

/**
 * Parses a document as XML 1.0 with namespaces into the tree that HTML has. No external entity is ever loaded, internal ones may not
 * speak of others, and processing instructions are left out: `<?xml-stylesheet?>` loads programs.
 * @throws TaborError malformed for what is not well-formed, resource-limit; both `where: "site"`.
 */
export function parseXml(text: string): Document {
  if (text.length > MAX_TEXT) throw new TaborError("resource-limit", "site", "this document is too long");
  const builder = new Builder();
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on("error", (error) => {
    throw new TaborError("malformed", "site", "this document is not well-formed XML", { cause: error });
  });
  parser.on("doctype", (doctype) => {
    Object.assign(parser.ENTITIES, entitiesOf(doctype));
  });
  parser.on("opentag", (tag) => {
    builder.open(tag);
  });
  parser.on("closetag", () => {
    builder.close();
  });
  parser.on("text", (data) => {
    builder.text(data);
  });
  parser.on("cdata", (data) => {
    builder.text(data);
  });
  parser.write(text).close();
  return builder.document;
}

class Builder {
  readonly document: Document = defaultTreeAdapter.createDocument();
  readonly #open: Element[] = [];
  #nodes = 0;

  open(tag: SaxesTagNS): void {
    this.#count();
    if (this.#open.length >= MAX_XML_DEPTH) throw tooMuch();
    const attributes = Object.values(tag.attributes).map(({ prefix, local, value }) =>
      prefix === "" ? { name: local, value } : { prefix, name: local, value },
    );
    const element = defaultTreeAdapter.createElement(tag.local, namespaceOf(tag.uri), attributes);
    defaultTreeAdapter.appendChild(this.#parent, element);
    this.#open.push(element);
  }

  close(): void {
    this.#open.pop();
  }

  text(data: string): void {
    this.#count();
    if (this.#open.length > 0) defaultTreeAdapter.insertText(this.#parent, data);
  }

  get #parent(): ParentNode {
    return this.#open.at(-1) ?? this.document;
  }

  #count(): void {
    if (++this.#nodes > MAX_NODES) throw tooMuch();
  }
}

/** The tree takes any string; its types know only those of HTML. */
function namespaceOf(uri: unknown): html.NS {
  return uri as html.NS;
}

function tooMuch(): TaborError {
  return new TaborError("resource-limit", "site", "this document has too many parts");
}

/** Entities whose value is text without entities or markup; all others stay unknown, and not well-formed to speak of. */
function entitiesOf(doctype: string): Record<string, string> {
  const declarations = doctype.matchAll(
    /<!ENTITY[ \t\r\n]{1,20}([A-Za-z_][\w.-]{0,60})[ \t\r\n]{1,20}(?:"([^"<&%]{0,2000})"|'([^'<&%]{0,2000})')/g,
  );
  const entities: [string, string][] = [];
  for (const [, name = "", double, single] of declarations) {
    if (entities.length < MAX_ENTITIES) entities.push([name, double ?? single ?? ""]);
  }
  return Object.fromEntries(entities);
}
