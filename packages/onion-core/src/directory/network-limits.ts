import { bytesToHex } from "../bytes/bytes.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import { networkOf } from "./network.ts";

/** Relays that one public address may run: a household's tabs, and no farm of them (as Tor's AuthDirMaxServersPerAddr). */
const MAX_PER_ADDRESS = 8;
/** Relays that one network (`networkOf`) may run. */
const MAX_PER_NETWORK = 64;
/** Of the whole weight, that one network may have; in a small network, of k such networks, twice an equal share. */
const MAX_SHARE = 0.05;
const MAX_EQUAL_SHARES = 2;

/**
 * Those whom their address and their network have room for, in the order in which they joined: whoever adds relays to have more
 * of the network must have more addresses. Relays whose address is not public are not counted: they are of the directory's own
 * machine or house (SPEC §8.2).
 */
export function withinNetworkLimits(relays: readonly JoinedRelay[]): ReadonlySet<JoinedRelay> {
  const byAddress = new Map<string, number>();
  const byNetwork = new Map<string, number>();
  const bySeniority = [...relays].sort((a, b) => a.since - b.since);
  return new Set(
    bySeniority.filter(({ address }) => {
      const network = networkName(address);
      if (network === "") return true;
      const [ofAddress, ofNetwork] = [byAddress.get(address) ?? 0, byNetwork.get(network) ?? 0];
      if (ofAddress >= MAX_PER_ADDRESS || ofNetwork >= MAX_PER_NETWORK) return false;
      byAddress.set(address, ofAddress + 1);
      byNetwork.set(network, ofNetwork + 1);
      return true;
    }),
  );
}

/** What each relay's weight is multiplied with, 0 to 1, so that no network has more than its share of the whole weight. */
export function networkShares(
  relays: Iterable<JoinedRelay>,
  weightOf: (relay: JoinedRelay) => number,
): (relay: JoinedRelay) => number {
  const weights = new Map<string, number>();
  let whole = 0;
  for (const relay of relays) {
    const network = networkName(relay.address);
    weights.set(network, (weights.get(network) ?? 0) + weightOf(relay));
    whole += weightOf(relay);
  }
  const most = whole * Math.max(MAX_SHARE, MAX_EQUAL_SHARES / weights.size);
  return ({ address }) => {
    const network = networkName(address);
    const offered = weights.get(network) ?? 0;
    return network === "" || offered <= most ? 1 : most / offered;
  };
}

/** Empty for addresses that are not public. */
function networkName(address: string): string {
  return bytesToHex(networkOf(address));
}
