import ipaddr from "ipaddr.js";

/** All addresses that share the first `bits` bits of `address` (RFC 4632, RFC 4291). */
export interface IpNetwork {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly bits: number;
}

/** Withdrawn by RFC 4291 §2.5.5.1, and read by ipaddr.js as the IPv4-mapped address that it is not. */
const IPV4_COMPATIBLE = /^::[0-9]+\./;

/** "192.0.2.1", or an IPv6 address without brackets and zone. 4 or 16 bytes; undefined for anything else. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return Uint8Array.from(ipaddr.IPv4.parse(text).toByteArray());
  if (text.includes("%") || IPV4_COMPATIBLE.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  return Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray());
}

/** "address/bits"; a lone address is a network of one. Undefined for anything else. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [, host = "", length] = /^([^/]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text) ?? [];
  const address = parseIpAddress(host);
  if (!address) return undefined;
  const bits = length === undefined ? 8 * address.length : Number(length);
  return bits <= 8 * address.length ? { address, bits } : undefined;
}

/** Whether `address` lies in `network`; never across families. */
export function networkContains(network: IpNetwork, address: Uint8Array): boolean {
  if (network.address.length !== address.length) return false;
  const whole = network.bits >> 3;
  for (let i = 0; i < whole; i++) if (network.address[i] !== address[i]) return false;
  const rest = 8 - (network.bits & 7);
  return rest === 8 || ((network.address[whole] ?? 0) ^ (address[whole] ?? 0)) >> rest === 0;
}

/** Whether all of `inner` lies in `outer`. */
export function networkCovers(outer: IpNetwork, inner: IpNetwork): boolean {
  return outer.bits <= inner.bits && networkContains(outer, inner.address);
}
