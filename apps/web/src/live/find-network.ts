import type { Clock, Log, Random, RelayId } from "@tabor/onion-core";
import { browserRtcPlatform, fetchNetworkInfo, rtcConnector, type Connector } from "@tabor/rtc-link";

/** What `main.ts` makes for real, and everything here gets handed in. */
export interface LiveDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The directory's origin. */
  readonly directory: string;
  /** What this tab carries for others while it volunteers: its own circuits keep away from it. */
  readonly ownRelays: Set<RelayId>;
}

/** A network to take part in. */
export interface FoundNetwork {
  readonly url: string;
  readonly authorities: readonly RelayId[];
  readonly connector: Connector;
}

/** Asks the directory what its network is (SPEC §9.1). @throws unreachable, malformed, timeout. */
export async function findNetwork({ clock, directory }: LiveDeps): Promise<FoundNetwork> {
  const info = await fetchNetworkInfo(directory, { fetch: globalThis.fetch.bind(globalThis), clock });
  const iceServers = info.iceServers.map((server) => ({ ...server, urls: [...server.urls] }));
  const connector = rtcConnector(browserRtcPlatform(iceServers), clock);
  return { url: directory, authorities: info.authorities, connector };
}
