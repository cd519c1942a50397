import type { Fields } from "@tabor/http";

/** RFC 9110 §8.8.2.2: a date is strong only if it cannot have changed twice within its second; browsers take a minute. */
const STRONG_DATE_MS = 60_000;

/** What identifies exactly these bytes (RFC 9110 §8.8): a strong ETag, or a Last-Modified long before its Date. */
export function strongValidator(fields: Fields): string | undefined {
  const tag = fields.first("etag");
  if (tag !== undefined) return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag) ? tag : undefined;
  const modified = fields.first("last-modified");
  const age = Date.parse(fields.first("date") ?? "") - Date.parse(modified ?? "");
  return age >= STRONG_DATE_MS ? modified : undefined;
}

/** The part of a whole that an answer holds. */
export interface ContentRange {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  /** undefined: the site does not know. */
  readonly total: number | undefined;
}

/** Content-Range (RFC 9110 §14.4); undefined for what is none, or an impossible one. */
export function contentRange(fields: Fields): ContentRange | undefined {
  const match = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15}|\*)$/i.exec(
    fields.first("content-range") ?? "",
  );
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  return first <= last && (total === undefined || last < total) ? { first, last, total } : undefined;
}
