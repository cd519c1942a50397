import {
  TaborError,
  type Clock,
  type Log,
  type NatClass,
  type Random,
  type RelayId,
} from "@tabor/onion-core";
import {
  currentIceServers,
  fetchNetworkInfo,
  findNat,
  rtcConnector,
  type Connector,
  type NetworkInfo,
  type RoutedChannel,
} from "@tabor/rtc-link";
import { nodeRtcPlatform } from "@tabor/rtc-link/node";

/** What the programs make for real, and everything below gets handed in. */
export interface PeerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A network to take part in. */
export interface Network {
  /** Origins of its servers. */
  readonly servers: readonly string[];
  /** Who signs the consensus that is believed: more than half of them (SPEC §8.2). */
  readonly authorities: readonly RelayId[];
  readonly connector: Connector;
  /** What is between us and the others. Never rejects. */
  readonly findNat: () => Promise<NatClass>;
}

export interface FoundNetwork extends Network {
  readonly connector: Connector<RoutedChannel>;
}

export interface NetworkOptions {
  /** Origins of servers to ask, of which the first that answers tells of the others. */
  readonly directory: readonly string[];
  /** The authorities to believe, if someone has told; else the directory is believed at first contact (SPEC §9.1). */
  readonly authority?: readonly RelayId[] | undefined;
  /** The local address for WebRTC. */
  readonly bind?: string | undefined;
}

/** Asks a network's servers what it is. @throws unreachable, with a sentence for the operator. */
export async function findNetwork(options: NetworkOptions, deps: PeerDeps): Promise<FoundNetwork> {
  const { directory, authority = [] } = options;
  const info = await firstInfo(directory, deps);
  const ask = () => firstInfo(directory, deps);
  const iceServers = currentIceServers(info, { ask, clock: deps.clock });
  const platform = nodeRtcPlatform({ iceServers, bindAddress: options.bind });
  return {
    servers: [...new Set([...directory, ...info.servers])],
    authorities: authority.length === 0 ? info.authorities : authority,
    connector: rtcConnector(platform, deps.clock),
    findNat: () => findNat(platform, deps.clock),
  };
}

async function firstInfo(directories: readonly string[], { clock }: PeerDeps): Promise<NetworkInfo> {
  const reasons: string[] = [];
  for (const url of directories) {
    try {
      return await fetchNetworkInfo(url, { fetch, clock });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      reasons.push(`No directory answers at ${url}: ${why}.`);
    }
  }
  throw new TaborError("unreachable", "directory", reasons.join(" "));
}
