import type { Fields } from "@tabor/http";
import { mediaTypeOf, Fields as FieldList } from "@tabor/http";

/** What Fetch says of requests that go to another origin than whose script asks, as pure rules. */

/** Fetch §4.8, "CORS check". @param origin as the request's Origin field had it. */
export function passesCorsCheck(fields: Fields, origin: string, withCredentials: boolean): boolean {
  const [allowed, ...more] = fields.all("access-control-allow-origin");
  if (allowed === undefined || more.length > 0) return false;
  if (!withCredentials && allowed === "*") return true;
  if (allowed !== origin) return false;
  return !withCredentials || fields.first("access-control-allow-credentials") === "true";
}

/** Fetch §2.2.1, "CORS-safelisted method". */
export function isSafelistedMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "POST";
}

/** Fetch §2.2.2, "CORS-unsafe request-header names", in lower case and sorted. */
export function unsafeNames(fields: Fields): readonly string[] {
  const names = new Set<string>();
  let safe = 0;
  for (const [name, value] of fields) {
    if (isSafelisted(name, value)) safe += value.length;
    else names.add(name);
  }
  if (safe > 1024) for (const [name] of fields) names.add(name);
  return [...names].sort();
}

function isSafelisted(name: string, value: string): boolean {
  if (value.length > 128) return false;
  switch (name) {
    case "accept":
      return !UNSAFE_BYTE.test(value);
    case "accept-language":
    case "content-language":
      return /^[0-9A-Za-z *,\-.;=]*$/.test(value);
    case "content-type":
      return !UNSAFE_BYTE.test(value) && SAFE_TYPES.has(essenceOf(value));
    case "range":
      return /^bytes=[0-9]+-[0-9]*$/.test(value);
    default:
      return false;
  }
}

const UNSAFE_BYTE = /[\x00-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/;
const SAFE_TYPES = new Set(["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]);

function essenceOf(value: string): string {
  return mediaTypeOf(new FieldList([["content-type", value]]))?.essence ?? "";
}

/** Fetch §4.9, "CORS-preflight fetch", steps 7 and on: whether the answer allows the request that is to follow. */
export function allowsRequest(
  answer: Fields,
  { method, names, withCredentials }: { method: string; names: readonly string[]; withCredentials: boolean },
): boolean {
  const methods = listed(answer, "access-control-allow-methods");
  const headers = listed(answer, "access-control-allow-headers").map((name) => name.toLowerCase());
  const isAny = (list: readonly string[]): boolean => !withCredentials && list.includes("*");
  if (!methods.includes(method) && !isSafelistedMethod(method) && !isAny(methods)) return false;
  // An asterisk is not meant to cover what tells who somebody is.
  return names.every((name) => headers.includes(name) || (isAny(headers) && name !== "authorization"));
}

function listed(fields: Fields, name: string): readonly string[] {
  return fields.all(name).flatMap((value) => value.split(",").map((member) => member.trim()));
}

/** Fetch §2.2.6, "CORS filtered response". */
export function isExposed(fields: Fields, withCredentials: boolean): (name: string) => boolean {
  const exposed = new Set(listed(fields, "access-control-expose-headers").map((name) => name.toLowerCase()));
  const isAll = !withCredentials && exposed.has("*");
  return (name) => isAll || exposed.has(name) || SAFELISTED_RESPONSE.has(name);
}

const SAFELISTED_RESPONSE = new Set([
  ...["cache-control", "content-language", "content-length", "content-type"],
  ...["expires", "last-modified", "pragma"],
]);
