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

export interface ParseOptions {
  /** Whether scripts run where this is shown: `<noscript>` is then raw text. */
  readonly scripting: boolean;
  /** Bound of the text; `MAX_TEXT` unless given. */
  readonly maxText?: number;
  /** Bound of the nodes; `MAX_NODES` unless given. */
  readonly maxNodes?: number;
}

/** Parses as the HTML standard says, never more than the bounds. */
export function parseHtml(text: string, options: ParseOptions): Parsed {
  const { scripting, maxText = MAX_TEXT, maxNodes = MAX_NODES } = options;
  const { adapter, document } = boundedAdapter(maxNodes);
  try {
    parse(text.slice(0, maxText), { scriptingEnabled: scripting, treeAdapter: adapter });
    return { document: document(), cut: text.length > maxText };
  } catch (thrown) {
    if (!(thrown instanceof Full)) throw thrown;
    return { document: document(), cut: true };
  }
}

function boundedAdapter(maxNodes: number): {
  adapter: TreeAdapter<DefaultTreeAdapterMap>;
  document: () => Document;
} {
  let nodes = 0;
  const made = defaultTreeAdapter.createDocument();
  const count = (): void => {
    if (++nodes > maxNodes) throw new Full();
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
