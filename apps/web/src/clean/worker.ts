import { documentOf } from "./document-of.ts";
import type { CleanRequest } from "./page-cleaner.ts";

/** Runs in a worker of its own for each page: a page made to keep a parser busy costs itself, not the tab. */
onmessage = ({ data }: MessageEvent<CleanRequest>): void => {
  postMessage(documentOf(data));
};
