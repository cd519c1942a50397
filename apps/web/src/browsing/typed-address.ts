import { ownPage, ownUrl } from "./own-page.ts";

/** What the person typed into the address bar. */
export type TypedAddress =
  { readonly kind: "url"; readonly url: string } | { readonly kind: "invalid"; readonly why: string };

/**
 * Reads an address as people type it: a scheme may be missing and is then `https:`. There is no search engine behind
 * it: words are not sent anywhere.
 */
export function readTyped(typed: string): TypedAddress {
  const text = typed.trim();
  if (text === "") return invalid("Type the address of a site, like example.org");
  const own = ownPage(text);
  if (own !== undefined) return { kind: "url", url: ownUrl(own) };
  if (/\s/.test(text)) return invalid("This is not an address: it has spaces in it. Tabor has no search.");
  // A host with a port looks like a scheme, but no scheme is followed by a number.
  const withScheme = /^[a-z][a-z0-9+.-]*:(?![0-9])/i.test(text) ? text : `https://${text}`;
  const url = URL.parse(withScheme);
  if (url === null) return invalid("This is not an address that can be opened.");
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return invalid(`Tabor opens https and http addresses, not ${url.protocol}`);
  url.username = "";
  url.password = "";
  return { kind: "url", url: url.href };
}

/** An address as shown in the bar: without what adds nothing. `http:` stays, for it is a warning. */
export function shownAddress(url: string): string {
  if (ownPage(url) === "start") return "";
  const short = url.replace(/^https:\/\//, "");
  return /^[^/?#]+\/$/.test(short.replace(/^http:\/\//, "")) ? short.slice(0, -1) : short;
}

/** Host and port, or all of it where there is none. */
export function hostOf(url: string): string {
  const host = URL.parse(url)?.host ?? "";
  return host === "" ? url : host;
}

function invalid(why: string): TypedAddress {
  return { kind: "invalid", why };
}
