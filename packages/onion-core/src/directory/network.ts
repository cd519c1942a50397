import type { Reader } from "../bytes/reader.ts";
import { parseIpAddress } from "./ip-network.ts";
import { carriedIpv4, isGlobalUnicast } from "./private-ranges.ts";

const NETWORK_LENGTHS: readonly number[] = [0, 2, 4];

/**
 * The network of an address (SPEC §8.2): 2 bytes of a public IPv4 address, also of one that an IPv6 address carries; 4 bytes of
 * a public IPv6 address; empty for others, and for text that is no address.
 */
export function networkOf(address: string): Uint8Array {
  const bytes = parseIpAddress(address);
  if (!bytes || !isGlobalUnicast(bytes)) return new Uint8Array(0);
  const visible = carriedIpv4(bytes) ?? bytes;
  return visible.slice(0, visible.length === 4 ? 2 : 4);
}

/** `bytes8 network`, as a copy. @throws malformed. */
export function readNetwork(reader: Reader): Uint8Array {
  const network = reader.bytes8().slice();
  if (!NETWORK_LENGTHS.includes(network.length)) throw reader.malformed("network of impossible length");
  return network;
}
