import { type SpentTokens, TokenGate } from "@tabor/blind-tokens";
import {
  OnionRelay,
  RelayMesh,
  signDescriptor,
  type DataUsed,
  type DirectorySource,
  type NatClass,
  type RelayLimits,
  type RelayId,
  type Signalled,
} from "@tabor/onion-core";
import {
  BrokerDialer,
  DirectoryClient,
  NatWatch,
  OfferResponder,
  type Broker,
  type Connector,
  type RelayMembership,
} from "@tabor/rtc-link";
import { nodePrimitives } from "../platform/node-primitives.ts";
import type { SiteExit } from "../exit/site-exit.ts";
import type { RelayKeys } from "../state/relay-keys.ts";
import type { Network, PeerDeps } from "./network.ts";

/** Links of a relay in Node (SPEC §11). */
const MAX_LINKS = 512;
/** Bytes, unless the operator says so (SPEC §11.1). */
export const MAX_QUEUE_MEMORY_IN_NODE = 512 * 2 ** 20;
/** For the operator. */
const NAT_TEXT: Readonly<Record<NatClass, string>> = {
  unknown: "it is not known what NAT is between this relay and the others",
  easy: "no NAT that matters is between this relay and the others",
  hard: "behind a hard NAT, and no TURN server lends an address: relays behind another cannot link to this one",
  turn: "behind a hard NAT; a TURN server lends an address where nothing else leads in",
};
const REJECT_ALL = "reject 1-65535";

export interface RelayPeerOptions extends Omit<RelayOptions, "nat"> {
  readonly network: Network;
  /** For a network that does not let everybody in. */
  readonly membership?: Pick<RelayMembership, "voucher" | "invite">;
}

export interface RelayOptions {
  readonly keys: RelayKeys;
  /** KiB/s that it offers. */
  readonly capacity: number;
  readonly family: readonly RelayId[];
  /** Bytes that all its queues may hold (SPEC §11.1). */
  readonly maxQueueMemory?: number;
  /** None unless given. */
  readonly limits?: RelayLimits;
  /** What it has used of them before. */
  readonly dataUsed?: DataUsed | undefined;
  /** For one that keeps its keys: the tokens that were spent at it before. */
  readonly spent?: SpentTokens | undefined;
  /** What is between it and the others (SPEC §9.9); not looked for unless given. */
  readonly nat?: NatWatch;
  /** With it, the relay is an exit. */
  readonly exit?: SiteExit | undefined;
}

export interface RelayPeer {
  readonly relay: OnionRelay;
  readonly directory: DirectoryClient;
  /** How its links were signalled. */
  readonly signalled: () => LinksSignalled;
  readonly nat: NatWatch;
  /** Leaves the network; every circuit ends. */
  readonly close: () => void;
}

/** Links that a relay dialled or answered since its start, by what carried their offers. */
interface LinksSignalled {
  readonly dialled: Signalled;
  readonly answered: Signalled;
}

/** The relay without its directory. */
type StartedRelay = Omit<RelayPeer, "directory" | "nat">;

/** A relay that joins its network, answers offers, keeps its standing links, and carries circuits. Starts at once. */
export function startRelayPeer(options: RelayPeerOptions, deps: PeerDeps): RelayPeer {
  const { servers, authorities, connector, findNat } = options.network;
  const { clock, random, log } = deps;
  const nat = new NatWatch({
    ...{ find: findNat, clock },
    changed: (found) => {
      log.info(NAT_TEXT[found], { nat: found });
      // Not joined just now: then it is published when it is.
      directory.publish().catch(() => undefined);
    },
  });
  const directory = new DirectoryClient({
    ...{ servers, authorities, clock, random, log: log.scoped("directory") },
    membership: { ...relayMembership({ ...options, nat }, deps), ...options.membership },
  });
  const started = startRelay({ ...options, directory, connector }, deps);
  const close = (): void => {
    nat.close();
    started.close();
    directory.close();
  };
  return { ...started, directory, nat, close };
}

/** As whom a relay joins. */
export function relayMembership(options: RelayOptions, { clock }: PeerDeps): RelayMembership {
  const { identity } = options.keys;
  return { role: "relay", identity, descriptor: () => describe(options, clock.now()) };
}

/** The relay itself, over a directory that somebody else keeps joined, and closes. */
export function startRelay(
  options: RelayOptions & { readonly directory: DirectorySource & Broker; readonly connector: Connector },
  { clock, random, log }: PeerDeps,
): StartedRelay {
  const { directory, connector, keys, exit, limits, dataUsed, spent } = options;
  const { maxQueueMemory = MAX_QUEUE_MEMORY_IN_NODE } = options;
  const { identity, ntorKeys, signalKeys } = keys;
  const relay: OnionRelay = new OnionRelay({
    ...{ identity, ntorKeys, clock, random, primitives: nodePrimitives, log: log.scoped("relay") },
    ...{ maxQueueMemory, limits, dataUsed, gate: new TokenGate(identity.id, { directory, clock, spent }) },
    ...(exit !== undefined && { exit: exit.connector, fetcher: exit.fetcher }),
    answerOffer: (offer) => responder.answer(offer),
  });
  const dialer = new BrokerDialer({ broker: directory, connector, clock });
  const mesh = new RelayMesh({
    ...{ relay, directory, dialer, clock, random },
    maxLinks: MAX_LINKS,
    log: log.scoped("mesh"),
  });
  const responder: OfferResponder = new OfferResponder({
    ...{ broker: directory, connector, random, log: log.scoped("offers") },
    ...{ relay: relay.id, signalKeys, maxLinks: MAX_LINKS, linkCount: () => relay.linkCount },
    accept: (channel) => relay.addChannel(channel),
  });
  const close = (): void => {
    for (const part of [responder, mesh, dialer, relay]) part.close();
  };
  const signalled = (): LinksSignalled => ({ dialled: mesh.signalled, answered: responder.answered });
  return { relay, signalled, close };
}

async function describe(
  { keys, capacity, family, exit, nat }: RelayOptions,
  now: number,
): Promise<Uint8Array> {
  // The first look takes seconds, and whoever has no neighbours before it is spared links that fail.
  await nat?.found;
  const fields = {
    ntorKey: keys.ntorKeys.publicKey,
    signalKey: keys.signalKeys.publicKey,
    published: now,
    platform: "node",
    nat: nat?.current ?? "unknown",
    capacity,
    family,
    policy4: exit?.policy.summary(4) ?? REJECT_ALL,
    policy6: exit?.policy.summary(6) ?? REJECT_ALL,
    fetchPolicy: exit?.policy.summary(4),
  } as const;
  return signDescriptor(fields, keys.identity);
}
