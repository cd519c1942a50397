import type { Clock, Log, NatClass, Random, RelayId, SigningKey } from "@tabor/onion-core";
import type { KnownHost } from "@tabor/rtc-link/adhoc";
import type { Awakenings } from "../services/awakenings.ts";
import {
  browserRtcPlatform,
  currentIceServers,
  fetchNetworkInfo,
  findNat,
  rtcConnector,
  type Connector,
  type RoutedChannel,
} from "@tabor/rtc-link";

/** What `main.ts` makes for real, and everything here gets handed in. */
export interface LiveDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly awakenings: Awakenings;
  /** The directory's origin. */
  readonly directory: string;
  /** What this tab carries for others while it volunteers: its own circuits keep away from it. */
  readonly ownRelays: Set<RelayId>;
  /** This browser's, for networks that do not let everybody in. @throws not-a-member if it has none. */
  readonly memberKey: () => Promise<SigningKey>;
}

/** A network to take part in. */
export interface FoundNetwork {
  /** Origins of its servers, the one of this page's app first. */
  readonly servers: readonly string[];
  readonly authorities: readonly RelayId[];
  readonly connector: Connector<RoutedChannel>;
  /** What is between us and the others. Never rejects. */
  readonly findNat: () => Promise<NatClass>;
  /** Of an ad-hoc network. */
  readonly hosts: readonly KnownHost[] | undefined;
}

/** Asks the directory what its network is (SPEC §9.1). @throws unreachable, malformed, timeout. */
export async function findNetwork({ clock, directory }: LiveDeps): Promise<FoundNetwork> {
  const ask = () => fetchNetworkInfo(directory, { fetch: globalThis.fetch.bind(globalThis), clock });
  const info = await ask();
  const platform = browserRtcPlatform(currentIceServers(info, { ask, clock }));
  const { authorities, hosts } = info;
  return {
    ...{ servers: [directory, ...info.servers], authorities, hosts },
    connector: rtcConnector(platform, clock),
    findNat: () => findNat(platform, clock),
  };
}
