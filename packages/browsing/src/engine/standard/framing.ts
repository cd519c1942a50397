import type { Fields } from "@tabor/http";

/**
 * Whether a site lets its document be shown in a frame of these pages: `frame-ancestors` (CSP3 §6.4.2.1), and where it is not said
 * `X-Frame-Options` (HTML §7.6).
 * @param url of the document. @param ancestors whose frame it is in, by their origins.
 */
export function mayBeFramed(fields: Fields, url: URL, ancestors: readonly URL[]): boolean {
  const policies = fields
    .all("content-security-policy")
    .flatMap((value) => value.split(","))
    .map(frameAncestors)
    .filter((sources) => sources !== undefined);
  if (policies.length === 0) return optionsAllow(fields, url, ancestors);
  return policies.every((sources) =>
    ancestors.every((ancestor) => sources.some((source) => matches(source, ancestor, url))),
  );
}

/** The first directive of a name counts (CSP3 §2.2.1). */
function frameAncestors(policy: string): readonly string[] | undefined {
  for (const directive of policy.split(";")) {
    const [name = "", ...sources] = directive
      .trim()
      .toLowerCase()
      .split(/[ \t\n\f\r]+/);
    if (name === "frame-ancestors") return sources;
  }
  return undefined;
}

function optionsAllow(fields: Fields, url: URL, ancestors: readonly URL[]): boolean {
  const options = new Set(
    fields.all("x-frame-options").flatMap((value) => value.split(",").map((one) => one.trim().toLowerCase())),
  );
  const known = ["deny", "allowall", "sameorigin"].filter((option) => options.has(option));
  if (options.size > 1 && known.length > 0) return false;
  if (options.has("deny")) return false;
  return !options.has("sameorigin") || ancestors.every(({ origin }) => origin === url.origin);
}

const HOST_SOURCE =
  /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?<port>[0-9]+|\*))?(?:\/.*)?$/;

/** CSP3 §6.7.2.8, of an origin. */
function matches(source: string, ancestor: URL, self: URL): boolean {
  if (source === "*") return true;
  if (source === "'self'") return ancestor.origin === self.origin;
  if (/^[a-z][a-z0-9+.-]*:$/.test(source)) return fitsScheme(source, ancestor);
  const { scheme, host = "", port } = HOST_SOURCE.exec(source)?.groups ?? {};
  return (
    host !== "" &&
    fitsScheme(scheme === undefined ? self.protocol : `${scheme}:`, ancestor) &&
    fitsHost(host, ancestor) &&
    fitsPort(port, ancestor)
  );
}

function fitsScheme(scheme: string, { protocol }: URL): boolean {
  return scheme === protocol || (scheme === "http:" && protocol === "https:");
}

function fitsHost(host: string, { hostname }: URL): boolean {
  if (host === "*") return true;
  return host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : host === hostname;
}

function fitsPort(port: string | undefined, { port: own, protocol }: URL): boolean {
  if (port === "*") return true;
  const actual = own === "" ? (protocol === "https:" ? "443" : "80") : own;
  if (port === undefined) return own === "";
  return port === actual || (port === "80" && actual === "443");
}
