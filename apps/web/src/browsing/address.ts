/** What the person typed into the address bar. */
export type TypedAddress =
  { readonly kind: "url"; readonly url: URL } | { readonly kind: "invalid"; readonly why: string };

/**
 * Reads an address as people type it: a scheme may be missing and is then `http:`. There is no search engine behind it:
 * words are not sent anywhere.
 */
export function readAddress(typed: string): TypedAddress {
  const text = typed.trim();
  if (text === "") return { kind: "invalid", why: "Type the address of a site, like http://example.org" };
  if (/\s/.test(text))
    return { kind: "invalid", why: "This is not an address: it has spaces in it. Tabor has no search." };
  const withScheme = /^[a-z][a-z0-9+.-]*:(?![0-9])/i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme))
    return { kind: "invalid", why: "This is not an address that can be opened." };
  const url = new URL(withScheme);
  url.username = "";
  url.password = "";
  return { kind: "url", url };
}

/** An address as shown in the bar: without what adds nothing. */
export function showAddress(url: URL): string {
  const plain = url.pathname === "/" && url.search === "" && url.hash === "";
  return plain ? url.href.slice(0, -1) : url.href;
}
