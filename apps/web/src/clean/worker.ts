import { decodeText } from "@tabor/http";
import { cleanHtml } from "./clean-html.ts";
import { textDocument, type CleanDocument } from "./document.ts";
import type { CleanRequest } from "./page-cleaner.ts";

/** Runs in a worker of its own for each page: a page made to keep a parser busy costs itself, not the tab. */
onmessage = ({ data }: MessageEvent<CleanRequest>): void => {
  postMessage(clean(data));
};

function clean({ kind, bytes, charset, url, cut }: CleanRequest): CleanDocument {
  const text = decodeText(bytes, charset);
  const address = new URL(url);
  return kind === "html" ? cleanHtml(text, address, cut) : textDocument(text, address.pathname, cut);
}
