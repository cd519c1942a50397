import {
  OnionClient,
  toTaborError,
  webPrimitives,
  type GuardStore,
  type TaborError,
} from "@tabor/onion-core";
import {
  BrokerDialer,
  fetchSaid,
  NatWatch,
  openSocketIo,
  showMember,
  type AdmissionMode,
  type DirectoryState,
  type MemberCredential,
} from "@tabor/rtc-link";
import type { Look } from "../services/authorities.ts";
import { pauseUntilAwake } from "../services/awakenings.ts";
import type { DirectoryPhase, NetworkState } from "../services/network.ts";
import { findNetwork, type FoundNetwork, type LiveDeps } from "./find-network.ts";
import { joinDirectory } from "./join-directory.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export interface LiveNetwork {
  readonly client: OnionClient;
  /** Does not wait before it joins again. */
  readonly retry: () => void;
  /** Shows the app's server a member key, with an invitation. @throws not-a-member; what joining fails with. */
  readonly redeem: (member: MemberCredential) => Promise<AdmissionMode>;
  /** What the authorities say just now. @throws what fetching it fails with. */
  readonly look: () => Promise<Look>;
  readonly close: () => void;
}

export interface LiveNetworkOptions extends LiveDeps {
  readonly guards: GuardStore;
  readonly isOnline: () => boolean;
  /** Told of each change. */
  readonly changed: (change: Partial<NetworkState>) => void;
}

/** Joins the network as a client and stays joined; tries to find it until it is there. Never throws. */
export async function startLiveNetwork(options: LiveNetworkOptions): Promise<LiveNetwork> {
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)) {
    options.changed({ directory: { phase: "connecting" } });
    try {
      return join(await findNetwork(options), options);
    } catch (thrown) {
      await waitAfter(toTaborError(thrown, "directory", "finding the network"), retryMs, options);
    }
  }
}

function waitAfter(reason: TaborError, ms: number, options: LiveNetworkOptions): Promise<void> {
  options.changed({ directory: lostPhase(reason, ms, options) });
  return pauseUntilAwake(options, ms);
}

function join(network: FoundNetwork, options: LiveNetworkOptions): LiveNetwork {
  const { clock, random, log, guards, changed } = options;
  const directory = joinDirectory(network, { role: "client", member: { key: options.memberKey } }, options);
  const dialer = new BrokerDialer({ broker: directory, connector: network.connector, clock });
  const nat = new NatWatch({ find: network.findNat, clock });
  const client = new OnionClient({
    ...{ directory, dialer, guards, clock, random, primitives: webPrimitives, log: log.scoped("client") },
    ...{ tokens: directory.tokens, ours: options.ownRelays },
    nat: () => nat.current,
  });
  directory.onState((state) => {
    changed({ directory: phaseOf(state, options), admission: directory.admission });
  });
  client.subscribe((event) => {
    changed(event.type === "status" ? { client: event.status } : { circuits: event.circuits });
  });
  changed({ directory: phaseOf(directory.state, options), client: client.status });
  if (network.hosts !== undefined) changed({ adhoc: network.hosts });
  const sleep = options.awakenings(() => {
    directory.hurry();
    client.hurry();
  });
  const close = (): void => {
    sleep();
    for (const part of [client, dialer, directory, nat]) part.close();
  };
  const retry = (): void => {
    directory.retry();
  };
  return { client, retry, ...asking(network, options), close };
}

/** What the app asks its own server for, beside the network's work. */
function asking(
  { authorities }: FoundNetwork,
  { directory, clock, random }: LiveNetworkOptions,
): Pick<LiveNetwork, "redeem" | "look"> {
  const fetch = globalThis.fetch.bind(globalThis);
  return {
    redeem: (member) =>
      showMember({ openSocket: () => openSocketIo(directory), member, authorities, clock, random }),
    look: async () => ({ ...(await fetchSaid(directory, authorities, { fetch, clock })), authorities }),
  };
}

function phaseOf(state: DirectoryState, options: LiveNetworkOptions): DirectoryPhase {
  switch (state.phase) {
    case "connecting":
    case "authenticating":
      return { phase: state.phase };
    case "joined":
      return { phase: "joined", problem: state.problem };
    case "lost":
      return lostPhase(state.reason, state.retryIn, options);
    case "closed":
      return { phase: "connecting" };
  }
}

/** @param ms milliseconds until the next try. */
function lostPhase(reason: TaborError, ms: number, { clock, isOnline }: LiveNetworkOptions): DirectoryPhase {
  return isOnline() ? { phase: "lost", reason, retryAt: clock.monotonic() + ms } : { phase: "offline" };
}
