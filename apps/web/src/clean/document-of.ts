import { decodeText } from "@tabor/http";
import { cleanHtml } from "./clean-html.ts";
import { dataUrl } from "./data-url.ts";
import { imageDocument, textDocument, type CleanDocument } from "./document.ts";
import type { CleanRequest } from "./page-cleaner.ts";

/** What the frame shows of a page. */
export function documentOf({ content, bytes, url, cut }: CleanRequest): CleanDocument {
  const address = new URL(url);
  switch (content.kind) {
    case "html":
      return cleanHtml(decodeText(bytes, content.charset), address, cut);
    case "text":
      return textDocument(decodeText(bytes, content.charset), address.pathname, cut);
    case "image":
      return imageDocument(dataUrl(content.type, bytes), content.name);
  }
}
