import type { OnionClient, OnionRelay } from "@tabor/onion-core";
import { DirectoryClient, rtcConnector, type RelayMembership } from "@tabor/rtc-link";
import {
  Elector,
  FollowingDirectory,
  type HostTrust,
  lookAround,
  originOfHost,
  type HostAddress,
  type OwnServer,
  type ServingHost,
} from "@tabor/rtc-link/adhoc";
import { nodeRtcPlatform } from "@tabor/rtc-link/node";
import { startClient, type ClientOptions } from "../peer/client-peer.ts";
import type { PeerDeps } from "../peer/network.ts";
import { relayMembership, startRelay, type RelayOptions } from "../peer/relay-peer.ts";

export interface AdhocPeerOptions {
  readonly trust: HostTrust;
  /** Where this host serves; undefined: it never does. */
  readonly own: HostAddress | undefined;
  readonly server: OwnServer | undefined;
  /** With them it is a relay. */
  readonly relay: RelayOptions | undefined;
  /** With them it is a client. */
  readonly client: Pick<ClientOptions, "guards" | "padding"> | undefined;
  readonly iceServers: readonly string[];
  /** The local address for WebRTC. */
  readonly bind: string | undefined;
}

export interface AdhocPeer {
  readonly elector: Elector;
  /** The directory as this host sees it: as a relay, or else as a client. */
  readonly directory: FollowingDirectory;
  readonly relay: OnionRelay | undefined;
  readonly client: OnionClient | undefined;
  readonly close: () => Promise<void>;
}

/** A host of an ad-hoc network (SPEC §9.8): relay, client, both or neither, and the server when it is its turn. Starts at once. */
export function startAdhocPeer(options: AdhocPeerOptions, deps: PeerDeps): AdhocPeer {
  const { relay: asRelay, client: asClient } = options;
  const urls = [...options.iceServers];
  const iceServers = () => (urls.length === 0 ? [] : [{ urls }]);
  const connector = rtcConnector(nodeRtcPlatform({ iceServers, bindAddress: options.bind }), deps.clock);
  // A relay that is a client as well has two connections: the server must not see that they belong together.
  const first = follower(asRelay && relayMembership(asRelay, deps), deps, (wasJoined) => {
    elector.lost(wasJoined);
  });
  const second = asRelay && asClient && follower(undefined, deps);
  const followers = second === undefined ? [first] : [first, second];
  const relay = asRelay && startRelay({ ...asRelay, directory: first, connector }, deps);
  const client = asClient && startClient({ ...asClient, directory: second ?? first, connector }, deps);
  const elector = new Elector({
    ...{ clock: deps.clock, random: deps.random, log: deps.log.scoped("election"), server: options.server },
    look: (signal) => lookAround({ ...options, ...deps, fetch }, signal),
    join: (host) => {
      for (const each of followers) each.follow(host);
    },
  });
  const close = async (): Promise<void> => {
    for (const part of [client, relay, ...followers]) part?.close();
    await elector.close();
  };
  return { elector, directory: first, relay: relay?.relay, client: client?.client, close };
}

/** @param relay as whom to join; without it, as a client. */
function follower(
  relay: RelayMembership | undefined,
  { clock, random, log }: PeerDeps,
  lost?: (wasJoined: boolean) => void,
): FollowingDirectory {
  const membership = relay ?? { role: "client" };
  const open = ({ address, authority }: ServingHost): DirectoryClient =>
    new DirectoryClient({
      ...{ servers: [originOfHost(address)], authorities: [authority], membership },
      ...{ clock, random, log: log.scoped("directory") },
    });
  return new FollowingDirectory({ open, lost, clock });
}
