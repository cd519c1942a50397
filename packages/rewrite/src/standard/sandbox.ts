/** What a frame within a page may do; `allow-same-origin` brings its requests to the service worker. */
const ALLOWED = ["allow-scripts", "allow-forms", "allow-downloads", "allow-modals"];

/**
 * The sandbox of a frame: never more than the view allows, and no more than the page does. A frame that the page wants scripts in, but
 * kept apart, gets none: it would be of the page's origin here.
 */
export function frameSandbox(written: string | undefined): string {
  if (written === undefined) return ["allow-same-origin", ...ALLOWED].join(" ");
  const tokens = new Set(written.toLowerCase().split(/[ \t\n\f\r]+/));
  const kept = ALLOWED.filter(
    (token) => tokens.has(token) && (token !== "allow-scripts" || tokens.has("allow-same-origin")),
  );
  return ["allow-same-origin", ...kept].join(" ");
}
