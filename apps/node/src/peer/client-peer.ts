import {
  OnionClient,
  type DirectorySource,
  type GuardStore,
  type OnionClientInit,
  type PaddingMode,
} from "@tabor/onion-core";
import {
  BrokerDialer,
  DirectoryClient,
  NatWatch,
  type Broker,
  type Connector,
  type MemberCredential,
} from "@tabor/rtc-link";
import { nodePrimitives } from "../platform/node-primitives.ts";
import type { Network, PeerDeps } from "./network.ts";

export interface ClientPeer {
  readonly client: OnionClient;
  readonly directory: DirectoryClient;
  readonly close: () => void;
}

export interface ClientPeerOptions {
  readonly padding?: PaddingMode;
  /** SPEC §14. */
  readonly twoLegs?: boolean;
  /** For a network that does not let everybody in. */
  readonly member?: MemberCredential;
}

/** A client that joins its network and keeps a circuit ready. Starts at once. */
export function startClientPeer(
  network: Network,
  guards: GuardStore,
  deps: PeerDeps,
  { padding = "normal", twoLegs = false, member }: ClientPeerOptions = {},
): ClientPeer {
  const { clock, random, log } = deps;
  const directory = new DirectoryClient({
    ...{ servers: network.servers, authorities: network.authorities },
    ...{ clock, random, log: log.scoped("directory") },
    membership: { role: "client", member },
  });
  const { connector, findNat } = network;
  const { tokens } = directory;
  const watch = new NatWatch({ find: findNat, clock });
  const nat = () => watch.current;
  const options = { directory, connector, guards, padding, twoLegs, tokens, nat };
  const { client, close: closeClient } = startClient(options, deps);
  const close = (): void => {
    watch.close();
    closeClient();
    directory.close();
  };
  return { client, directory, close };
}

export interface ClientOptions extends Pick<OnionClientInit, "twoLegs" | "tokens" | "nat"> {
  readonly directory: DirectorySource & Broker;
  readonly connector: Connector;
  readonly guards: GuardStore;
  readonly padding: PaddingMode;
}

/** The client itself, over a directory that somebody else keeps joined, and closes. */
export function startClient(
  { connector, ...options }: ClientOptions,
  { clock, random, log }: PeerDeps,
): { readonly client: OnionClient; readonly close: () => void } {
  const dialer = new BrokerDialer({ broker: options.directory, connector, clock });
  const client = new OnionClient({
    ...{ ...options, dialer, clock, random },
    ...{ primitives: nodePrimitives, log: log.scoped("client") },
  });
  const close = (): void => {
    for (const part of [client, dialer]) part.close();
  };
  return { client, close };
}
