import { protectiveHeaders } from "@tabor/browsing/view";
import { appOriginOf } from "./app-origin.ts";
import { PROBE_PATH } from "@tabor/browsing/paths";

/**
 * Whether this browser enforces `Connection-Allowlist`, found out without anything leaving it: a page with the header has a picture of
 * another origin. Where the header counts, the browser does not even ask; where it does not, the service worker answers with a
 * picture of its own. A second picture, of the page's own origin, must come in either case.
 */

/** Of the app: Firefox looks up a name before it asks the service worker, and this one it knows. */
const ELSEWHERE = `${appOriginOf(location) ?? location.origin}${PROBE_PATH}/elsewhere`;
const OWN = `${PROBE_PATH}/picture`;
/** Milliseconds until a browser counts as one that does not enforce it. */
const WAIT = 15_000;

/** One transparent pixel. */
const GIF = Uint8Array.from(atob("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"), (letter) =>
  letter.charCodeAt(0),
);

export function isProbe({ url }: Request): boolean {
  const { pathname } = new URL(url);
  return url === ELSEWHERE || pathname === PROBE_PATH || pathname === OWN;
}

/** What the service worker answers. */
export function probeAnswer({ url }: Request, { origin }: Pick<Location, "origin">): Response {
  if (new URL(url).pathname !== PROBE_PATH)
    return new Response(GIF, { headers: { "Content-Type": "image/gif" } });
  const headers = new Headers();
  for (const [name, value] of protectiveHeaders("standard", origin)) headers.set(name, value);
  // Nothing else may be what keeps the picture away.
  headers.set("Content-Security-Policy", `default-src 'none'; img-src 'self' ${new URL(ELSEWHERE).origin}`);
  headers.set("Content-Type", "text/html; charset=utf-8");
  return new Response(`<!doctype html><img src="${OWN}"><img src="${ELSEWHERE}">`, { headers });
}

/** Asked by the boot page. */
export async function enforcesAllowlist(): Promise<boolean> {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = PROBE_PATH;
  const loaded = new Promise<void>((resolve) => {
    frame.addEventListener("load", () => {
      resolve();
    });
    setTimeout(resolve, WAIT);
  });
  document.body.append(frame);
  await loaded;
  const [own, elsewhere] = [...(frame.contentDocument?.images ?? [])].map(({ naturalWidth }) => naturalWidth);
  frame.remove();
  return own === 1 && elsewhere === 0;
}
