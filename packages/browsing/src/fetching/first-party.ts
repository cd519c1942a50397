import { getDomain } from "tldts";

/**
 * The site that a URL belongs to: the registrable domain of its host, private suffixes such as `github.io` included. An IP
 * address, a single label or a public suffix stands for itself.
 */
export function firstPartySite(url: URL): string {
  const host = url.hostname.replace(/\.$/, "");
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}

/** Whether two URLs are of one site, the scheme included (HTML §7.1.1, "schemelessly same site" is not enough). */
export function isSameSite(one: URL, other: URL): boolean {
  return one.protocol === other.protocol && firstPartySite(one) === firstPartySite(other);
}

export function isSameOrigin(one: URL, other: URL): boolean {
  return one.origin === other.origin && one.origin !== "null";
}
