import { redirectLocation, type HttpAnswer } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import type { FetchOutcome, FetchRequest, Redirect } from "./api.ts";
import { isTopLevel } from "./initiation.ts";

type RedirectRequest = Pick<FetchRequest, "method" | "body" | "use">;

/**
 * What an answer that redirects comes to (Fetch §4.4); undefined if it does not.
 * @param from the address that answered, with the fragment to be kept.
 * @throws malformed for an impossible address, protocol for a part of a page that leads from https to plain http.
 */
export function redirectOf(
  answer: HttpAnswer,
  from: URL,
  request: RedirectRequest,
): FetchOutcome | undefined {
  const location = redirectLocation(answer, from);
  if (location === undefined) return undefined;
  if (from.protocol === "https:" && location.protocol === "http:") {
    if (!isTopLevel(request.use)) {
      throw new TaborError("protocol", "site", "the site leads from https to plain http");
    }
    // To try https there again would lead here again.
    if (isItself(from, location)) {
      return { kind: "needs-consent", url: location, reason: "the site leads from https to plain http" };
    }
  }
  return { kind: "redirect", redirect: step(answer, from, location, request) };
}

function step(
  { status, fields }: HttpAnswer,
  from: URL,
  location: URL,
  { method, body }: RedirectRequest,
): Redirect {
  const next = followMethod(status, method);
  return {
    from,
    status: redirectStatus(status),
    location,
    method: next,
    keepsBody: body !== undefined && next === method,
    fields,
  };
}

function followMethod(status: number, method: FetchRequest["method"]): FetchRequest["method"] {
  if (status === 303 && method !== "HEAD") return "GET";
  return (status === 301 || status === 302) && method === "POST" ? "GET" : method;
}

function redirectStatus(status: number): Redirect["status"] {
  switch (status) {
    case 301:
    case 303:
    case 307:
    case 308:
      return status;
    default:
      return 302;
  }
}

/** The same address but for the scheme. */
function isItself(from: URL, location: URL): boolean {
  const secured = new URL(location);
  secured.protocol = "https:";
  return secured.host === from.host && secured.pathname === from.pathname && secured.search === from.search;
}
