/**
 * Which addresses an exit must not reach unless its operator names them (SPEC §8.3): everything that is not global
 * unicast. The attack is a client that lets the exit talk to its own machine, its own LAN, or its cloud's metadata
 * service (server-side request forgery), under whatever spelling of the address.
 */

import { networkContains, networkCovers, parseIpNetwork, type IpNetwork } from "./ip-network.ts";

/** IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast, and what clouds add. */
const PRIVATE_IPV4 = [
  "0.0.0.0/8", // this network; Linux dials 0.0.0.0 as loopback
  "10.0.0.0/8", // private, RFC 1918
  "100.64.0.0/10", // carrier-grade NAT, RFC 6598; Alibaba's metadata service
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's host agent, on an address that looks public
  "169.254.0.0/16", // link-local; metadata services of most clouds
  "172.16.0.0/12", // private, RFC 1918
  "192.0.0.0/24", // protocol assignments; Oracle's metadata service
  "192.0.2.0/24", // documentation, RFC 5737
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // automatic multicast tunnelling
  "192.88.99.0/24", // 6to4 relay anycast, withdrawn by RFC 7526
  "192.168.0.0/16", // private, RFC 1918
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarking, RFC 2544
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
];

/**
 * The same for IPv6. The first rows lie outside 2000::/3, and would be refused without being listed: as in Tor, they
 * are what a policy's summary does not count (`isPrivateRange`).
 */
const PRIVATE_IPV6 = [
  "::/8", // unspecified, loopback, IPv4-compatible
  "::/127",
  "100::/64", // discard-only, RFC 6666
  "5f00::/16", // segment routing, RFC 9602
  "fc00::/7", // unique local, RFC 4193; metadata services of AWS and Google
  "fe80::/10", // link-local
  "fec0::/10", // site-local, withdrawn by RFC 3879
  "ff00::/8", // multicast
  "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
  "2001:db8::/32", // documentation
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation, RFC 9637
];

const PRIVATE_NETWORKS = [...PRIVATE_IPV4, ...PRIVATE_IPV6].map(fixedNetwork);
/** The only part of IPv6 that IANA gives out as global unicast. */
const GLOBAL_IPV6 = fixedNetwork("2000::/3");

const IPV4_MAPPED = fixedNetwork("::ffff:0:0/96");
const NAT64 = fixedNetwork("64:ff9b::/96");
const SIX_TO_FOUR = fixedNetwork("2002::/16");

/** Whether an address, 4 or 16 bytes, is global unicast: also in what it carries. False for any other length. */
export function isGlobalUnicast(address: Uint8Array): boolean {
  const carried = carriedIpv4(address);
  if (carried) return isGlobalUnicast(carried);
  if (address.length !== 4 && !networkContains(GLOBAL_IPV6, address)) return false;
  return !PRIVATE_NETWORKS.some((network) => networkContains(network, address));
}

/** The IPv4 address to which packets for an IPv6 address are delivered: IPv4-mapped, NAT64 (RFC 6052), 6to4. */
export function carriedIpv4(address: Uint8Array): Uint8Array | undefined {
  if (networkContains(IPV4_MAPPED, address) || networkContains(NAT64, address)) return address.subarray(12);
  return networkContains(SIX_TO_FOUR, address) ? address.subarray(2, 6) : undefined;
}

/** An IPv4-mapped address (::ffff:192.0.2.1) as the IPv4 address that it is; others unchanged. */
export function unmapped(address: Uint8Array): Uint8Array {
  return networkContains(IPV4_MAPPED, address) ? address.subarray(12) : address;
}

/** Whether no address of `network` is global unicast: whoever names it means private addresses. */
export function isPrivateNetwork(network: IpNetwork): boolean {
  if (PRIVATE_NETWORKS.some((range) => networkCovers(range, network))) return true;
  const disjoint = !networkCovers(network, GLOBAL_IPV6) && !networkCovers(GLOBAL_IPV6, network);
  return network.address.length === 16 && disjoint;
}

/** Whether `network` is exactly one of the ranges listed here. */
export function isPrivateRange(network: IpNetwork): boolean {
  return PRIVATE_NETWORKS.some((range) => range.bits === network.bits && networkCovers(range, network));
}

function fixedNetwork(text: string): IpNetwork {
  const network = parseIpNetwork(text);
  if (!network) throw new Error(`not a network: ${text}`);
  return network;
}
