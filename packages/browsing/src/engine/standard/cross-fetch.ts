import { Fields } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import {
  MAX_REDIRECTS,
  type Fetcher,
  type FetchRequest,
  type FetchResponse,
  type Redirect,
} from "../../fetching/api.ts";
import { originField } from "../../fetching/initiation.ts";
import { isHttp } from "../../view/http-url.ts";
import { allowsRequest, isSafelistedMethod, passesCorsCheck, unsafeNames } from "./cors.ts";

/** A request for a part of a page; `initiator` is the origin of the document. */
export interface PartRequest extends FetchRequest {
  readonly initiator: URL;
  readonly mode: "same-origin" | "no-cors" | "cors";
  readonly credentials: RequestCredentials;
  readonly redirect: "follow" | "error" | "manual";
}

/** Fetch §2.2.6: what of an answer the page may see. `opaque`: that there is one, and what the browser makes of it. */
export type Tainting = "basic" | "cors" | "opaque";

/** A redirect that the page wants to be told of, and not to follow. */
export interface Unfollowed {
  readonly redirect: Redirect;
}

export interface Fetched {
  readonly response: FetchResponse;
  /** Redirects led to it. */
  readonly isRedirected: boolean;
  readonly tainting: Tainting;
  /** Whether cookies went along to another origin. */
  readonly withCredentials: boolean;
}

/**
 * Fetch §4 for what pages ask for, redirects followed. In the view all answers are of the page's own origin, so the browser asks none of
 * this: here is decided what a page may send to other origins, and read of them.
 *
 * Of other origins, what is not shared by CORS comes without cookies: a canvas, a style sheet's rules or a function's text would give it
 * away to the page (as with COEP "credentialless").
 * @throws protocol where a browser would speak of a network error; TaborError of the fetcher.
 */
export async function crossFetch(request: PartRequest, fetcher: Fetcher): Promise<Fetched | Unfollowed> {
  let next = request;
  for (;;) {
    const tainting = taintingOf(next);
    if (tainting === "cors") await preflight(next, fetcher);
    const withCredentials = tainting === "cors" && next.credentials === "include";
    const credentials = tainting === "opaque" ? "omit" : next.credentials;
    const outcome = await fetcher.fetch({ ...next, credentials });
    if (outcome.kind === "needs-consent") throw networkError(outcome.reason);
    if (outcome.kind === "response") {
      const { response } = outcome;
      if (
        tainting === "cors" &&
        !isShared(response.fields, { ...next, url: response.url }, withCredentials)
      ) {
        response.close();
        throw unshared();
      }
      return { response, tainting, withCredentials, isRedirected: next.via.length > 0 };
    }
    // Not only what it ends with: who redirects has a say, too (Fetch §4.3, "HTTP fetch").
    const { redirect } = outcome;
    if (tainting === "cors" && !isShared(redirect.fields, { ...next, url: redirect.from }, withCredentials))
      throw unshared();
    if (next.redirect === "manual") return { redirect };
    next = redirected(next, redirect, tainting);
  }
}

/** Fetch §4.1, "main fetch", step 12. */
function taintingOf({ url, via, initiator, mode }: PartRequest): Tainting {
  // Once elsewhere, what comes is of elsewhere (`via` has the origins on the way).
  const isOwn = [...via, url].every((step) => secured(step) === secured(initiator));
  if (isOwn) return "basic";
  if (mode === "same-origin") throw networkError("a page may not have this of another origin");
  return mode === "cors" ? "cors" : "opaque";
}

/** https comes first: what is asked for by plain http is asked over https. */
function secured(url: URL): string {
  return url.origin.replace(/^http:/, "https:");
}

function isShared(fields: Fields, request: PartRequest, withCredentials: boolean): boolean {
  return passesCorsCheck(fields, originField(request) ?? "null", withCredentials);
}

function unshared(): TaborError {
  return networkError("the site does not share this with other sites");
}

/** Fetch §4.4. */
function redirected(
  request: PartRequest,
  { from, location, method, keepsBody }: Redirect,
  tainting: Tainting,
): PartRequest {
  if (request.redirect !== "follow" || !isHttp(location) || request.via.length >= MAX_REDIRECTS)
    throw networkError("a part of the page redirects to nowhere");
  if (namesUser(request, location, tainting)) throw networkError("a redirect to another site names a user");
  const { body, fields, ...rest } = request;
  const crosses = location.origin !== from.origin;
  const kept = (name: string): boolean =>
    (keepsBody || !name.startsWith("content-")) && !(crosses && name === "authorization");
  if (keepsBody && body !== undefined && !(body instanceof Uint8Array))
    throw networkError("a redirect wants again what cannot be sent twice");
  return {
    ...rest,
    ...{ url: location, method, via: [...request.via, from] },
    fields: new Fields([...(fields ?? [])].filter(([name]) => kept(name))),
    ...(keepsBody && body !== undefined ? { body } : {}),
  };
}

/** Fetch §4.4, steps 9 and 10. */
function namesUser({ mode, initiator }: PartRequest, location: URL, tainting: Tainting): boolean {
  const isElsewhere = tainting === "cors" || location.origin !== initiator.origin;
  return mode === "cors" && isElsewhere && location.username + location.password !== "";
}

/** Fetch §4.9: asks before what no form could send. */
async function preflight(request: PartRequest, fetcher: Fetcher): Promise<void> {
  const { method, signal, insecureAllowed, use, firstParty, initiator, via, url } = request;
  const names = unsafeNames(request.fields ?? new Fields([]));
  if (isSafelistedMethod(method) && names.length === 0) return;
  const outcome = await fetcher.fetch({
    ...{ url, use, firstParty, initiator, via, insecureAllowed, signal },
    ...{ method: "OPTIONS", mode: "cors", credentials: "omit", cache: "no-store" },
    fields: new Fields([
      ["access-control-request-method", method],
      ...(names.length === 0 ? [] : [["access-control-request-headers", names.join(",")] as const]),
    ]),
  });
  if (outcome.kind !== "response") throw networkError("the site does not say what it allows");
  const { response } = outcome;
  response.close();
  const withCredentials = request.credentials === "include";
  const origin = originField({ ...request, method: "OPTIONS" }) ?? "null";
  const isAllowed =
    response.status >= 200 &&
    response.status < 300 &&
    passesCorsCheck(response.fields, origin, withCredentials) &&
    allowsRequest(response.fields, { method, names, withCredentials });
  if (!isAllowed) throw networkError("the site does not allow this to other sites");
}

function networkError(reason: string): TaborError {
  return new TaborError("protocol", "site", reason);
}
