import { FORGET_PATH } from "@tabor/browsing/paths";
import type { Clock } from "@tabor/onion-core";

/** Milliseconds that the server may take, and the browser: Chromium goes on when all is deleted, which a busy machine delays. */
const DEADLINE = 60_000;

/**
 * Has the browser forget every cookie of the view's names, whatever their paths and whoever set them. No script finds them all; a header does it
 * (`Clear-Site-Data`), which must come from the view's server.
 * @returns whether its answer came.
 */
export function forgetCookies({
  viewOrigin,
  clock,
}: {
  readonly viewOrigin: string;
  readonly clock: Clock;
}): Promise<boolean> {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Tabor forgets";
  frame.referrerPolicy = "no-referrer";
  frame.setAttribute("sandbox", "allow-same-origin");
  frame.src = `${viewOrigin}${FORGET_PATH}`;
  return new Promise((resolve) => {
    const end = (): void => {
      // The browser's own page about an error has no frame in it; no more can be seen of a page of another origin.
      const hasCome = frame.contentWindow?.length === 1;
      cancel();
      frame.remove();
      resolve(hasCome);
    };
    const cancel = clock.after(DEADLINE, end);
    frame.addEventListener("load", end);
    document.body.append(frame);
  });
}
