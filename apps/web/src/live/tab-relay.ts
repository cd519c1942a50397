import {
  generateDhKeyPair,
  generateSigningKey,
  OnionRelay,
  RelayMesh,
  signDescriptor,
  webPrimitives,
  type WebDhKeyPair,
  type SigningKey,
} from "@tabor/onion-core";
import { BrokerDialer, DirectoryClient, OfferResponder } from "@tabor/rtc-link";
import type { RunningRelay } from "../services/volunteer-switch.ts";
import { findNetwork, type LiveDeps } from "./find-network.ts";

/** Links of a relay in a tab (SPEC §11). */
const MAX_LINKS = 64;
/** KiB/s that a tab offers: what most connections can send without their owner noticing. */
const CAPACITY = 512;
const REJECT_ALL = "reject 1-65535";

interface Keys {
  readonly identity: SigningKey;
  readonly ntorKeys: WebDhKeyPair;
  readonly signalKeys: WebDhKeyPair;
}

/**
 * Makes this tab a relay, never an exit. Its keys are new each time and leave with the tab.
 * @throws what finding the network fails with.
 */
export async function startTabRelay(deps: LiveDeps): Promise<RunningRelay> {
  const network = await findNetwork(deps);
  const keys = await freshKeys();
  const { clock, random, log } = deps;
  const { identity, ntorKeys, signalKeys } = keys;
  const relay = new OnionRelay({
    ...{ identity, ntorKeys, clock, random, primitives: webPrimitives, log: log.scoped("relay") },
  });
  const directory = new DirectoryClient({
    ...{ url: network.url, authorities: network.authorities, clock, random, log: log.scoped("directory") },
    membership: { role: "relay", identity, descriptor: () => describe(keys, clock.now()) },
  });
  const dialer = new BrokerDialer({ broker: directory, connector: network.connector, clock });
  const mesh = new RelayMesh({
    ...{ relay, directory, dialer, clock, random, maxLinks: MAX_LINKS, log: log.scoped("mesh") },
  });
  const responder = new OfferResponder({
    ...{ broker: directory, connector: network.connector, random, log: log.scoped("offers") },
    ...{ relay: relay.id, signalKeys, maxLinks: MAX_LINKS, linkCount: () => relay.linkCount },
    accept: (channel) => relay.addChannel(channel),
  });
  deps.ownRelays.add(relay.id);
  return {
    report: () => reportOf(relay, directory),
    close: () => {
      deps.ownRelays.delete(relay.id);
      for (const part of [responder, mesh, dialer, directory, relay]) part.close();
    },
  };
}

async function freshKeys(): Promise<Keys> {
  const [{ key: identity }, ntorKeys, signalKeys] = await Promise.all([
    generateSigningKey(),
    generateDhKeyPair(),
    generateDhKeyPair(),
  ]);
  return { identity, ntorKeys, signalKeys };
}

function describe({ identity, ntorKeys, signalKeys }: Keys, now: number): Promise<Uint8Array> {
  const fields = {
    ntorKey: ntorKeys.publicKey,
    signalKey: signalKeys.publicKey,
    published: now,
    platform: "tab",
    capacity: CAPACITY,
    family: [],
    policy4: REJECT_ALL,
    policy6: REJECT_ALL,
  } as const;
  return signDescriptor(fields, identity);
}

function reportOf(relay: OnionRelay, directory: DirectoryClient): ReturnType<RunningRelay["report"]> {
  const { state, current } = directory;
  const listed = current?.relaysById.has(relay.id) === true;
  const others = (current?.relays.length ?? 0) - (listed ? 1 : 0);
  return { relay: relay.id, stats: relay.stats, listed, otherRelays: others, problem: problemOf(state) };
}

function problemOf(state: DirectoryClient["state"]): ReturnType<RunningRelay["report"]>["problem"] {
  switch (state.phase) {
    case "lost":
      return state.reason;
    case "joined":
      return state.problem;
    case "connecting":
    case "authenticating":
    case "closed":
      return undefined;
  }
}
