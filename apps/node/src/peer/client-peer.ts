import { OnionClient, type GuardStore, type PaddingMode } from "@tabor/onion-core";
import { BrokerDialer, DirectoryClient, type MemberCredential } from "@tabor/rtc-link";
import { nodePrimitives } from "../platform/node-primitives.ts";
import type { Network, PeerDeps } from "./network.ts";

export interface ClientPeer {
  readonly client: OnionClient;
  readonly directory: DirectoryClient;
  readonly close: () => void;
}

export interface ClientPeerOptions {
  readonly padding?: PaddingMode;
  /** For a network that does not let everybody in. */
  readonly member?: MemberCredential;
}

/** A client that joins its network and keeps a circuit ready. Starts at once. */
export function startClientPeer(
  network: Network,
  guards: GuardStore,
  deps: PeerDeps,
  { padding = "normal", member }: ClientPeerOptions = {},
): ClientPeer {
  const { clock, random, log } = deps;
  const directory = new DirectoryClient({
    ...{ url: network.url, authorities: network.authorities, clock, random, log: log.scoped("directory") },
    membership: { role: "client", member },
  });
  const dialer = new BrokerDialer({ broker: directory, connector: network.connector, clock });
  const client = new OnionClient({
    ...{ directory, dialer, guards, padding, clock, random },
    ...{ primitives: nodePrimitives, log: log.scoped("client") },
  });
  const close = (): void => {
    for (const part of [client, dialer, directory]) part.close();
  };
  return { client, directory, close };
}
