import { defaultTreeAdapter, parse, type DefaultTreeAdapterMap, type TreeAdapter } from "parse5";
import { MAX_NODES, MAX_TEXT } from "../bounds.ts";
import type { Document } from "./tree.ts";

export interface Parsed {
  readonly document: Document;
  /** There was more than the bounds allow; the tree holds what came before. */
  readonly cut: boolean;
}

/** The parser is stopped by throwing this from the tree it builds; nothing else can stop it. */
class Full extends Error {}

/** Parses as the HTML standard says, never more than `MAX_TEXT` of text or `MAX_NODES` of nodes. */
export function parseHtml(text: string, options: { readonly scripting: boolean }): Parsed {
  const { adapter, document } = boundedAdapter();
  try {
    parse(text.slice(0, MAX_TEXT), { scriptingEnabled: options.scripting, treeAdapter: adapter });
    return { document: document(), cut: text.length > MAX_TEXT };
  } catch (thrown) {
    if (!(thrown instanceof Full)) throw thrown;
    return { document: document(), cut: true };
  }
}

function boundedAdapter(): { adapter: TreeAdapter<DefaultTreeAdapterMap>; document: () => Document } {
  let nodes = 0;
  const made = defaultTreeAdapter.createDocument();
  const count = (): void => {
    if (++nodes > MAX_NODES) throw new Full();
  };
  const adapter: TreeAdapter<DefaultTreeAdapterMap> = {
    ...defaultTreeAdapter,
    createDocument: () => made,
    createElement: (tagName, namespace, attributes) => {
      count();
      return defaultTreeAdapter.createElement(tagName, namespace, attributes);
    },
    createCommentNode: (data) => {
      count();
      return defaultTreeAdapter.createCommentNode(data);
    },
    insertText: (parent, text) => {
      count();
      defaultTreeAdapter.insertText(parent, text);
    },
  };
  return { adapter, document: () => made };
}
