import ipaddr from "ipaddr.js";

const GROUPS_OF_A_NETWORK = 4;

/**
 * Whom an address counts for in limits (SPEC §11): an IPv4 address for itself, also when it is mapped into IPv6, and an IPv6 address for its
 * /64. One host has 2^64 of these to send from, and gets no more at once.
 */
export function addressBlock(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const network = parsed.parts.slice(0, GROUPS_OF_A_NETWORK).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}
