import { bytesToHex, hexToBytes, type IpAddress } from "@tabor/onion-core";
import { parseIpAddress } from "./ip-address.ts";

const IPV4 = /^([0-9.]+)\.in-addr\.arpa\.?$/i;
const IPV6 = /^((?:[0-9a-f]\.){31}[0-9a-f])\.ip6\.arpa\.?$/i;

/** The address that a reverse lookup asks for (RFC 1035 §3.5, RFC 3596 §2.5); null for any other name. */
export function parseReverseName(name: string): IpAddress | null {
  const ipv4 = IPV4.exec(name)?.[1];
  if (ipv4 !== undefined) return parseIpAddress(ipv4.split(".").reverse().join("."));
  const ipv6 = IPV6.exec(name)?.[1];
  return ipv6 === undefined ? null : hexToBytes(ipv6.split(".").reverse().join(""));
}

/** Whether the name lies in the zones of reverse lookups, well-formed or not. */
export function isReverseName(name: string): boolean {
  return /\.arpa\.?$/i.test(name);
}

/** The name that asks for the host names of an address, 4 or 16 bytes. */
export function reverseNameOf(address: IpAddress): string {
  if (address.length === 4) return `${Array.from(address).reverse().join(".")}.in-addr.arpa`;
  return `${Array.from(bytesToHex(address)).reverse().join(".")}.ip6.arpa`;
}
