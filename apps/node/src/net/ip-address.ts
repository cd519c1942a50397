import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { IpAddress } from "@tabor/onion-core";

/**
 * The address that `text` spells in the one strict way, or null: four decimal numbers without leading zeros, or
 * RFC 4291 §2.2. No decimal, octal or hexadecimal IPv4 ("2130706433", "0x7f.1"), no zone. An IPv4-mapped IPv6 address
 * is the IPv4 address it means, so that no rule for one can be walked around with the other.
 */
export function parseIpAddress(text: string): IpAddress | null {
  if (isIP(text) === 0 || text.includes("%")) return null;
  return Uint8Array.from(ipaddr.process(text).toByteArray());
}

/** Text that `node:net` dials without asking a name service. @param address 4 or 16 bytes. */
export function formatIpAddress(address: IpAddress): string {
  return ipaddr.fromByteArray(Array.from(address)).toString();
}
