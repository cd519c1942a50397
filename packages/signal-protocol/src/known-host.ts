import { parseRelayId, type RelayId, TaborError } from "@tabor/onion-core";

/** Where a host of an ad-hoc network serves: `host:port` in its one form, IPv6 in brackets. */
export type HostAddress = string & { readonly __brand: "HostAddress" };

/** A host that may serve an ad-hoc network (SPEC §9.8). */
export interface KnownHost {
  readonly address: HostAddress;
  /** Its authority's identity, where it is named; else the first that it shows is pinned. */
  readonly authority?: RelayId;
}

export const MAX_KNOWN_HOSTS = 32;

/** @throws malformed unless the text is a name or IP address with a port of 1 to 65535. */
export function parseHostAddress(text: string): HostAddress {
  const port = Number(/^[^/?#@\\\s]{1,253}:(\d{1,5})$/.exec(text)?.[1]);
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
  if (url === undefined || !(port >= 1 && port <= 65_535)) throw malformed(text);
  return `${url.hostname}:${String(port)}` as HostAddress;
}

/** @returns name or IP address (IPv6 without its brackets), and port. */
export function splitHostAddress(address: HostAddress): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: Number(address.slice(colon + 1)) };
}

/** The origin at which a host's directory listens. */
export function originOfHost(address: HostAddress): string {
  return `http://${address}`;
}

/**
 * A list as on a command line: `host:port` or `host:port=identity`, with commas between.
 * @throws malformed for anything else, for an address or an identity that comes twice, and for more than 32.
 */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  const hosts = text.split(",").map((entry) => parseKnownHost(entry.trim()));
  checkKnownHosts(hosts);
  return hosts;
}

function parseKnownHost(text: string): KnownHost {
  const [address = "", identity, ...more] = text.split("=");
  if (more.length > 0) throw malformed(text);
  return {
    address: parseHostAddress(address),
    ...(identity !== undefined && { authority: parseRelayId(identity) }),
  };
}

/** The same as text: what `parseKnownHosts` reads. */
export function knownHostsText(hosts: readonly KnownHost[]): string {
  return hosts
    .map(({ address, authority }) => (authority === undefined ? address : `${address}=${authority}`))
    .join(",");
}

/** @throws malformed if there are too many, or an address or an identity comes twice. */
export function checkKnownHosts(hosts: readonly KnownHost[]): void {
  const named = hosts.flatMap(({ authority }) => authority ?? []);
  const areDistinct =
    new Set(hosts.map(({ address }) => address)).size === hosts.length &&
    new Set(named).size === named.length;
  if (areDistinct && hosts.length <= MAX_KNOWN_HOSTS) return;
  const rule = `at most ${String(MAX_KNOWN_HOSTS)} hosts are known, each once and with an authority of its own`;
  throw new TaborError("malformed", "here", rule);
}

function malformed(text: string): TaborError {
  return new TaborError("malformed", "here", `"${text.slice(0, 80)}" is no host:port or host:port=identity`);
}
