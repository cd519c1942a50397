import { malformed } from "./errors.ts";
import type { Fields } from "./fields.ts";
import { parseUrl } from "./url.ts";

const REDIRECT_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Where an answer redirects to (RFC 9110 §10.2.2): relative to the URL it came from, whose fragment it inherits. Undefined
 * if it is no redirect, or one without a place. @throws malformed for several places, or an impossible one.
 */
export function redirectLocation(
  answer: { readonly status: number; readonly fields: Fields },
  from: URL,
): URL | undefined {
  if (!REDIRECT_STATUS.has(answer.status)) return undefined;
  const locations = new Set(answer.fields.all("location"));
  const [location] = locations;
  if (location === undefined) return undefined;
  const target = locations.size === 1 ? parseUrl(percentEncodeBytes(location), from) : undefined;
  if (target === undefined) throw malformed("a redirect to an impossible address");
  if (!location.includes("#")) target.hash = from.hash;
  return target;
}

/** Field values are bytes; those above ASCII are most often UTF-8, and percent-encoding keeps them as they are. */
function percentEncodeBytes(latin1: string): string {
  return latin1.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
