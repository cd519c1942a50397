import { TaborError } from "@tabor/onion-core";

/** The site sent something that is not HTTP as RFC 9110 and RFC 9112 have it. */
export function malformed(why: string): TaborError {
  return new TaborError("malformed", "site", `the site's answer is not valid HTTP: ${why}`);
}

/** The site sent more than we take. */
export function tooLarge(what: string): TaborError {
  return new TaborError("resource-limit", "site", `the site's answer is too large: ${what}`);
}

/** The site closed the connection in the middle of `what`. */
export function cutShort(what: string): TaborError {
  return new TaborError("closed", "site", `the site closed the connection in the middle of ${what}`);
}

/** Nothing came from the site for too long. */
export function silent(ms: number): TaborError {
  return new TaborError("timeout", "site", `the site sent nothing for ${String(Math.round(ms / 1000))} s`);
}
