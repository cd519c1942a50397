import type { Clock } from "@tabor/onion-core";

/** Milliseconds that the server may take. */
const DEADLINE = 20_000;

/**
 * Has the browser forget every cookie of the view's names, whatever their paths and whoever set them. No script finds them all; a header does it
 * (`Clear-Site-Data`), which must come from the view's server.
 */
export function forgetCookies({
  viewOrigin,
  clock,
}: {
  readonly viewOrigin: string;
  readonly clock: Clock;
}): Promise<void> {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Tabor forgets";
  frame.referrerPolicy = "no-referrer";
  frame.setAttribute("sandbox", "allow-same-origin");
  frame.src = `${viewOrigin}/~forget`;
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      frame.remove();
      resolve();
    };
    const cancel = clock.after(DEADLINE, end);
    frame.addEventListener("load", end);
    document.body.append(frame);
  });
}
