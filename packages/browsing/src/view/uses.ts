import type { UrlUse } from "@tabor/rewrite";

/**
 * `frame-form`: a form of a document in a frame, whose answer stays in the frame. `fetch`: what a script asks for itself. `worker`: the
 * script that a worker begins with.
 */
export type ViewUse = UrlUse | "frame-form" | "fetch" | "worker";

/** Their order is part of tokens. */
export const VIEW_USES = [
  "document",
  "frame",
  "form",
  "frame-form",
  "image",
  "media",
  "track",
  "style",
  "font",
  "script",
  "fetch",
  "worker",
] as const satisfies readonly ViewUse[];

/** What the browser says that it wants to use the answer for (Fetch §2.2.5, "destination"). */
const DESTINATIONS: Readonly<Record<ViewUse, readonly string[]>> = {
  document: ["iframe"],
  frame: ["iframe"],
  form: ["iframe"],
  "frame-form": ["iframe"],
  image: ["image"],
  media: ["video", "audio"],
  track: ["track"],
  style: ["style"],
  font: ["font"],
  script: ["script"],
  // At Standard the browser's word decides by itself.
  fetch: [],
  worker: [],
};

/** Whether an answer that was minted for one use may be given to a request of the browser's. */
export function fitsDestination(use: ViewUse, destination: string): boolean {
  return DESTINATIONS[use].includes(destination);
}

/** Whether the answer is a document of its own. */
export function isDocumentUse(use: ViewUse): use is "document" | "frame" | "form" | "frame-form" {
  return use === "document" || use === "frame" || isFormUse(use);
}

export function isFormUse(use: ViewUse): use is "form" | "frame-form" {
  return use === "form" || use === "frame-form";
}

/** Whether it is the document of the address bar, and not of a frame within. */
export function isTopUse(use: ViewUse): boolean {
  return use === "document" || use === "form";
}
