import { lookup, reverse } from "node:dns/promises";
import type { IpAddress } from "@tabor/onion-core";
import { formatIpAddress, parseIpAddress } from "../net/ip-address.ts";
import { errorCode } from "../net/system-error.ts";

/** What a name service knows, or why not: for a while, or for good. */
export type NameAnswer<T> =
  { readonly found: readonly T[] } | { readonly failed: "transient" | "permanent" | "resource-limit" };

export interface NameService {
  /** The addresses of a host name, in the order of preference of the system. Never throws. */
  addresses(host: string): Promise<NameAnswer<IpAddress>>;
  /** The host names of an address. Never throws. */
  names(address: IpAddress): Promise<NameAnswer<string>>;
}

/** Of this machine, whoever asks (RFC 6761 §6.3): such a name is nobody else's business, and a page may have put anything into it. */
const LOCALHOST = /(?:^|\.)localhost\.?$/i;
const LOOPBACK = ["127.0.0.1", "::1"].map((address) => ({ address }));

/**
 * The system's own resolver: `/etc/hosts`, its configuration, its caches. It tells no time to live.
 */
export const systemNameService: NameService = {
  addresses: async (host) =>
    LOCALHOST.test(host)
      ? { found: LOOPBACK.flatMap(addressOf) }
      : answer(lookup(host, { all: true, verbatim: true }).then((all) => all.flatMap(addressOf))),
  names: (address) => answer(reverse(formatIpAddress(address))),
};

/** Addresses with a zone mean something on this machine only: they are no answer. */
function addressOf({ address }: { address: string }): IpAddress[] {
  const parsed = parseIpAddress(address);
  return parsed === null ? [] : [parsed];
}

async function answer<T>(asked: Promise<T[]>): Promise<NameAnswer<T>> {
  try {
    const found = await asked;
    return found.length === 0 ? { failed: "permanent" } : { found };
  } catch (thrown) {
    return { failed: PERMANENT.has(errorCode(thrown)) ? "permanent" : "transient" };
  }
}

const PERMANENT: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "ENODATA",
  "EAI_NONAME",
  "EAI_NODATA",
  "EAI_FAIL",
]);
