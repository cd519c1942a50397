import {
  OnionRelay,
  RelayMesh,
  signDescriptor,
  type ExitConnector,
  type ExitPolicy,
  type RelayLimits,
  type RelayId,
} from "@tabor/onion-core";
import { BrokerDialer, DirectoryClient, OfferResponder, type RelayMembership } from "@tabor/rtc-link";
import { nodePrimitives } from "../platform/node-primitives.ts";
import type { RelayKeys } from "../state/relay-keys.ts";
import type { Network, PeerDeps } from "./network.ts";

/** Links of a relay in Node (SPEC §11). */
const MAX_LINKS = 512;
/** Bytes, unless the operator says so (SPEC §11.1). */
export const MAX_QUEUE_MEMORY_IN_NODE = 512 * 2 ** 20;
const REJECT_ALL = "reject 1-65535";

export interface RelayPeerOptions {
  readonly network: Network;
  readonly keys: RelayKeys;
  /** KiB/s that it offers. */
  readonly capacity: number;
  readonly family: readonly RelayId[];
  /** For a network that does not let everybody in. */
  readonly membership?: Pick<RelayMembership, "voucher" | "invite">;
  /** Bytes that all its queues may hold (SPEC §11.1). */
  readonly maxQueueMemory?: number;
  /** None unless given. */
  readonly limits?: RelayLimits;
  /** With it, the relay is an exit. */
  readonly exit?: { readonly connector: ExitConnector; readonly policy: ExitPolicy } | undefined;
}

export interface RelayPeer {
  readonly relay: OnionRelay;
  readonly directory: DirectoryClient;
  /** Leaves the network; every circuit ends. */
  readonly close: () => void;
}

/** A relay that joins its network, answers offers, keeps its standing links, and carries circuits. Starts at once. */
export function startRelayPeer(options: RelayPeerOptions, deps: PeerDeps): RelayPeer {
  const { network, keys, exit, limits, maxQueueMemory = MAX_QUEUE_MEMORY_IN_NODE } = options;
  const { clock, random, log } = deps;
  const { identity, ntorKeys } = keys;
  const relay = new OnionRelay({
    ...{ identity, ntorKeys, clock, random, primitives: nodePrimitives, log: log.scoped("relay") },
    ...{ maxQueueMemory, limits },
    ...(exit !== undefined && { exit: exit.connector }),
  });
  const directory = new DirectoryClient({
    ...{ url: network.url, authorities: network.authorities, clock, random, log: log.scoped("directory") },
    membership: {
      ...{ role: "relay", identity, descriptor: () => describe(options, clock.now()) },
      ...options.membership,
    },
  });
  const dialer = new BrokerDialer({ broker: directory, connector: network.connector, clock });
  const mesh = new RelayMesh({
    ...{ relay, directory, dialer, clock, random },
    maxLinks: MAX_LINKS,
    log: log.scoped("mesh"),
  });
  const responder = new OfferResponder({
    ...{ broker: directory, connector: network.connector, random, log: log.scoped("offers") },
    ...{
      relay: relay.id,
      signalKeys: keys.signalKeys,
      maxLinks: MAX_LINKS,
      linkCount: () => relay.linkCount,
    },
    accept: (channel) => relay.addChannel(channel),
  });
  const close = (): void => {
    for (const part of [responder, mesh, dialer, directory, relay]) part.close();
  };
  return { relay, directory, close };
}

function describe({ keys, capacity, family, exit }: RelayPeerOptions, now: number): Promise<Uint8Array> {
  const fields = {
    ntorKey: keys.ntorKeys.publicKey,
    signalKey: keys.signalKeys.publicKey,
    published: now,
    platform: "node",
    capacity,
    family,
    policy4: exit?.policy.summary(4) ?? REJECT_ALL,
    policy6: exit?.policy.summary(6) ?? REJECT_ALL,
  } as const;
  return signDescriptor(fields, keys.identity);
}
