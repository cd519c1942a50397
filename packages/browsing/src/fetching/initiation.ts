import type { FetchRequest, FetchUse } from "./api.ts";
import type { SameSiteContext } from "./cookies.ts";
import { firstPartySite, isSameOrigin, isSameSite } from "./first-party.ts";

/** Sec-Fetch-Site's values. */
export type SiteRelation = "none" | "same-origin" | "same-site" | "cross-site";

/** Who asks for what, as far as it decides what a request may tell. `url` is the one that is really asked. */
export type Initiation = Pick<
  FetchRequest,
  "use" | "method" | "firstParty" | "initiator" | "via" | "mode" | "credentials"
> & { readonly url: URL };

/** Loads a document, rather than a part of one. */
export function isNavigation(use: FetchUse): boolean {
  return use === "document" || use === "form" || use === "frame";
}

/** Loads what the address bar shows. */
export function isTopLevel(use: FetchUse): boolean {
  return use === "document" || use === "form";
}

/** Fetch Metadata §2.3: the furthest that any address on the way is from whoever asks. */
export function siteRelation({ initiator, via, url }: Initiation): SiteRelation {
  if (initiator === undefined) return "none";
  const way = [...via, url];
  if (way.every((step) => isSameOrigin(step, initiator))) return "same-origin";
  return way.every((step) => isSameSite(step, initiator)) ? "same-site" : "cross-site";
}

/** RFC 6265bis §5.2: a frame of another site is cross-site, whoever it asks. */
export function sameSiteContext(request: Initiation): SameSiteContext {
  const isSame = siteRelation(request) !== "cross-site";
  if (isTopLevel(request.use)) {
    if (isSame) return "strict";
    return request.method === "GET" || request.method === "HEAD" ? "lax" : "none";
  }
  return isSame && firstPartySite(request.url) === request.firstParty ? "strict" : "none";
}

export function modeOf({ mode, use }: Initiation): RequestMode {
  if (mode !== undefined) return mode;
  if (isNavigation(use)) return "navigate";
  if (use === "font" || use === "fetch") return "cors";
  return use === "track" ? "same-origin" : "no-cors";
}

/** Whether cookies go along and are taken (Fetch §4.6, "includeCredentials"). */
export function withCredentials(request: Initiation): boolean {
  const credentials = request.credentials ?? (modeOf(request) === "cors" ? "same-origin" : "include");
  if (credentials === "same-origin") {
    const { initiator, via, url } = request;
    return initiator === undefined || [...via, url].every((step) => isSameOrigin(step, initiator));
  }
  return credentials === "include";
}

/** Referer: the origin, to the site that asks itself; nothing to others. */
export function referrer({ initiator, url }: Pick<Initiation, "initiator" | "url">): string | undefined {
  return initiator !== undefined && isSameSite(initiator, url) ? `${initiator.origin}/` : undefined;
}

/** Origin (Fetch §3.2): with whatever is not GET or HEAD, and with CORS to other origins. */
export function originField(request: Initiation): string | undefined {
  const { method, initiator, url } = request;
  const isSafe = method === "GET" || method === "HEAD";
  const isCrossOrigin = initiator === undefined || !isSameOrigin(initiator, url);
  if (isSafe && !(modeOf(request) === "cors" && isCrossOrigin)) return undefined;
  return initiator === undefined || isTainted(request) ? "null" : initiator.origin;
}

/** Fetch §2.2.5, "redirect-taint": another origin sent the request on to yet another. */
function isTainted({ initiator, via, url }: Initiation): boolean {
  if (initiator === undefined) return true;
  return [...via, url].some((step, index, way) => {
    const before = way[index - 1];
    return before !== undefined && !isSameOrigin(step, before) && !isSameOrigin(initiator, before);
  });
}
