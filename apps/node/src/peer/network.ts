import { TaborError, type Clock, type Log, type Random, type RelayId } from "@tabor/onion-core";
import { fetchNetworkInfo, rtcConnector, type Connector } from "@tabor/rtc-link";
import { nodeRtcPlatform } from "@tabor/rtc-link/node";

/** What the programs make for real, and everything below gets handed in. */
export interface PeerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A network to take part in. */
export interface Network {
  /** The directory's origin. */
  readonly url: string;
  /** Whose consensus is believed (SPEC §8.2). */
  readonly authorities: readonly RelayId[];
  readonly connector: Connector;
}

export interface NetworkOptions {
  readonly directory: string;
  /** The one authority to believe, if someone has told; else the directory is believed at first contact (SPEC §9.1). */
  readonly authority?: RelayId | undefined;
  /** The local address for WebRTC. */
  readonly bind?: string | undefined;
}

/** Asks a directory what its network is. @throws unreachable, malformed, timeout, with a sentence for the operator. */
export async function findNetwork(options: NetworkOptions, { clock }: PeerDeps): Promise<Network> {
  const info = await fetchNetworkInfo(options.directory, { fetch, clock }).catch((thrown: unknown) => {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new TaborError("unreachable", "directory", `No directory answers at ${options.directory}: ${why}.`);
  });
  const iceServers = info.iceServers.map((server) => ({ ...server, urls: [...server.urls] }));
  const platform = nodeRtcPlatform({ iceServers, bindAddress: options.bind });
  return {
    url: options.directory,
    authorities: options.authority === undefined ? info.authorities : [options.authority],
    connector: rtcConnector(platform, clock),
  };
}
