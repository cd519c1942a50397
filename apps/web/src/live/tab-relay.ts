import { FORGETFUL, type SpentTokens, TokenGate } from "@tabor/blind-tokens";
import {
  type Cancel,
  OnionRelay,
  probeRelay,
  randomBytes,
  randomBelow,
  RelayMesh,
  signDescriptor,
  TaborError,
  toTaborError,
  webPrimitives,
  type DataUsed,
  type RelayEntry,
} from "@tabor/onion-core";
import { BrokerDialer, type DirectoryState, LinkCounts, NatWatch, OfferResponder } from "@tabor/rtc-link";
import { FetchPolicy } from "../fetch-exit/fetch-policy.ts";
import { TabFetcher } from "../fetch-exit/tab-fetcher.ts";
import type { FetchReport, RelayReport } from "../services/volunteer.ts";
import type { RunningRelay } from "../volunteer/running.ts";
import { relayLimits, type OwnLimits } from "../volunteer/settings.ts";
import { localDay } from "../volunteer/totals.ts";
import { findNetwork, type FoundNetwork, type LiveDeps } from "./find-network.ts";
import { type JoinedDirectory, joinDirectory } from "./join-directory.ts";
import { relayKeys, type RelayKeys } from "./relay-keys.ts";
import type { VolunteerDatabase } from "./volunteer-database.ts";

/** Links of a relay in a tab (SPEC §11). */
const MAX_LINKS = 64;
/** KiB/s that a tab offers at most, whatever it is allowed. */
const MOST_CAPACITY = 2048;
const PASS_LENGTH = 32;
const REJECT_ALL = "reject 1-65535";
/** How long circuits have to end before a relay that rests ends them, in milliseconds, and how often it is looked whether they have. */
const DRAIN_MS = 30_000;
const DRAIN_LOOK_MS = 500;

export interface TabRelayOptions {
  readonly limits: OwnLimits;
  readonly dataUsed: DataUsed;
}

/**
 * Makes this tab a relay, and the same relay each time; an exit only as far as it fetches (SPEC §7.5).
 * @throws what finding the network fails with.
 */
export async function startTabRelay(
  deps: LiveDeps & {
    readonly database: VolunteerDatabase;
    readonly spentTokens: (now: number) => Promise<SpentTokens>;
  },
  options: TabRelayOptions,
): Promise<RunningRelay> {
  const network = await findNetwork(deps);
  const keys = await relayKeys(deps.database, deps.log);
  const spent = keys.isKept ? await deps.spentTokens(deps.clock.now()) : FORGETFUL;
  return new TabRelay(deps, { ...options, network, keys, spent });
}

interface TabRelayInit extends TabRelayOptions {
  readonly network: FoundNetwork;
  readonly keys: RelayKeys;
  readonly spent: SpentTokens;
}

class TabRelay implements RunningRelay {
  readonly #deps: LiveDeps;
  readonly #keys: RelayKeys;
  readonly #relay: OnionRelay;
  readonly #directory: JoinedDirectory;
  readonly #dialer: BrokerDialer;
  readonly #mesh: RelayMesh;
  readonly #responder: OfferResponder;
  readonly #pass: Uint8Array;
  readonly #fetcher = new TabFetcher(fetchWorker);
  #rulesProblem: TaborError | undefined;
  readonly #links = new LinkCounts();
  readonly #nat: NatWatch;
  readonly #sleep: Cancel;
  #limits: OwnLimits;

  constructor(deps: LiveDeps, { limits, dataUsed, network, keys, spent }: TabRelayInit) {
    const { clock, random, log } = deps;
    const { identity, ntorKeys, signalKeys } = keys;
    this.#deps = deps;
    this.#keys = keys;
    this.#limits = limits;
    this.#pass = randomBytes(random, PASS_LENGTH);
    const connector = this.#links.counted(network.connector);
    this.#nat = new NatWatch({
      ...{ find: network.findNat, clock },
      changed: () => {
        this.#publish();
      },
    });
    const descriptor = (): Promise<Uint8Array> => this.#descriptor();
    const membership = { role: "relay", identity, voucher: deps.memberKey, descriptor } as const;
    const directory = joinDirectory(network, membership, deps);
    const relay = new OnionRelay({
      ...{ identity, ntorKeys, clock, random, primitives: webPrimitives, log: log.scoped("relay") },
      ...{ limits: relayLimits(limits), dataUsed, dayOf: localDay },
      fetcher: this.#fetcher,
      gate: new TokenGate(identity.id, { directory, clock, pass: this.#pass, spent }),
      answerOffer: (offer) => this.#responder.answer(offer),
    });
    const dialer = new BrokerDialer({ broker: directory, connector, clock });
    this.#mesh = new RelayMesh({
      ...{ relay, directory, dialer, clock, random, maxLinks: MAX_LINKS, log: log.scoped("mesh") },
    });
    this.#responder = new OfferResponder({
      ...{ broker: directory, connector, random, log: log.scoped("offers") },
      ...{ relay: relay.id, signalKeys, maxLinks: MAX_LINKS, linkCount: () => relay.linkCount },
      accept: (channel) => relay.addChannel(channel),
    });
    this.#relay = relay;
    this.#directory = directory;
    this.#dialer = dialer;
    this.#sleep = deps.awakenings(() => {
      directory.hurry();
      this.#mesh.hurry();
    });
    deps.ownRelays.add(relay.id);
  }

  report(): ReturnType<RunningRelay["report"]> {
    const { current } = this.#directory;
    const { id, stats, allowance, dataUsed } = this.#relay;
    const listed = current?.relaysById.has(id) === true;
    const otherRelays = (current?.relays.length ?? 0) - (listed ? 1 : 0);
    const problem = problemOf(this.#directory.state);
    const { opened, failed, throughTurn } = this.#links;
    const connections = {
      opened: opened.dialled + opened.answered,
      failed: failed.dialled + failed.answered,
      throughTurn,
    };
    const ways = { nat: this.#nat.current, connections };
    return {
      relay: id,
      stats,
      listed,
      otherRelays,
      allowance,
      problem,
      dataUsed,
      fetching: this.#fetching,
      ...ways,
    };
  }

  get #fetching(): FetchReport {
    if (this.#rulesProblem !== undefined) return { name: "failed", problem: this.#rulesProblem };
    return this.#fetcher.policy === undefined ? { name: "off" } : { name: "on", ...this.#fetcher.counts };
  }

  limit(limits: OwnLimits): void {
    const before = capacityOf(this.#limits);
    this.#limits = limits;
    this.#relay.limit(relayLimits(limits));
    if (capacityOf(limits) !== before) this.#publish();
  }

  fetchBy(rules: string | undefined): void {
    const before = this.#fetcher.policy?.summary;
    this.#rulesProblem = undefined;
    try {
      this.#fetcher.use(rules === undefined ? undefined : new FetchPolicy({ rules, location }));
    } catch (thrown) {
      this.#rulesProblem = toTaborError(thrown, "here", "reading the rules");
      this.#fetcher.use(undefined);
    }
    if (this.#fetcher.policy?.summary !== before) this.#publish();
  }

  /** Not joined just now: then what it offers is published when it is. */
  #publish(): void {
    this.#directory.publish().catch(() => undefined);
  }

  async drain(): Promise<void> {
    const { clock } = this.#deps;
    this.#sleep();
    this.#relay.drain();
    for (const part of [this.#responder, this.#mesh, this.#dialer, this.#directory]) part.close();
    const end = clock.monotonic() + DRAIN_MS;
    while (this.#relay.stats.circuits > 0 && clock.monotonic() < end)
      await new Promise<void>((resolve) => clock.after(DRAIN_LOOK_MS, resolve));
  }

  async test(): Promise<number> {
    const { clock, random, log } = this.#deps;
    const [relay, next] = [this.#directory.current?.relaysById.get(this.#relay.id), this.#neighbour()];
    if (relay === undefined || next === undefined)
      throw new TaborError("no-path", "here", "this relay has no neighbour yet");
    const deps = { clock, random, log, primitives: webPrimitives };
    const isClosed = (this.#directory.current?.issuers.length ?? 0) > 0;
    const token = isClosed ? this.#pass : undefined;
    const { circuitMs } = await probeRelay({ relay, next, dialer: this.#dialer, deps, token });
    return circuitMs;
  }

  close(): void {
    this.#sleep();
    this.#deps.ownRelays.delete(this.#relay.id);
    this.#fetcher.use(undefined);
    const parts = [this.#nat, this.#responder, this.#mesh, this.#dialer, this.#directory, this.#relay];
    for (const part of parts) part.close();
  }

  #neighbour(): RelayEntry | undefined {
    const relays = this.#directory.current?.relays ?? [];
    const linked = relays.filter(({ descriptor }) => this.#relay.linkTo(descriptor.identity) !== undefined);
    return linked.length === 0 ? undefined : linked[randomBelow(this.#deps.random, linked.length)];
  }

  async #descriptor(): Promise<Uint8Array> {
    await this.#nat.found;
    const { identity, ntorKeys, signalKeys } = this.#keys;
    const fields = {
      ntorKey: ntorKeys.publicKey,
      signalKey: signalKeys.publicKey,
      published: this.#deps.clock.now(),
      platform: "tab",
      nat: this.#nat.current,
      capacity: capacityOf(this.#limits),
      family: [],
      policy4: REJECT_ALL,
      policy6: REJECT_ALL,
      fetchPolicy: this.#fetcher.policy?.summary,
    } as const;
    return signDescriptor(fields, identity);
  }
}

function fetchWorker(): Worker {
  return new Worker(new URL("../fetch-exit/main-fetch-exit.ts", import.meta.url), { type: "module" });
}

function capacityOf({ upload = MOST_CAPACITY, download = MOST_CAPACITY }: OwnLimits): number {
  return Math.floor(Math.min(upload, download, MOST_CAPACITY));
}

function problemOf(state: DirectoryState): RelayReport["problem"] {
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
