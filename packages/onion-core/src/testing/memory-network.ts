import { memoryDataChannel, type MemoryChannel, type MemoryChannelOptions } from "./memory-data-channel.ts";
import { memoryDuplex } from "./memory-duplex.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { OnionClient, type OnionClientInit } from "../client/onion-client.ts";
import type { GuardStore } from "../client/guards/guards.ts";
import { Emitter } from "../client/emitter.ts";
import type { StreamTarget } from "../cell/stream-bodies.ts";
import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { bytesToHex } from "../bytes/bytes.ts";
import { compareBytes } from "../bytes/compare.ts";
import { generateDhKeyPair } from "../crypto/x25519.ts";
import { encodeConsensusBody } from "../directory/consensus-codec.ts";
import { signConsensus, verifyConsensus } from "../directory/consensus-signatures.ts";
import type { Consensus, RelayEntry, RelayFlag } from "../directory/consensus.ts";
import { decodeDescriptor, signDescriptor } from "../directory/descriptor.ts";
import type { CarryOffer, ChannelDialer, DirectorySource } from "../directory/source.ts";
import { mayLink, type NatClass } from "../directory/nat.ts";
import { TaborError } from "../errors.ts";
import type { DhKeyPair, Primitives } from "../ports/primitives.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import { silentLog, type Log } from "../ports/log.ts";
import { randomBytes } from "../ports/random.ts";
import { OnionRelay, type RelayLimits } from "../relay/onion-relay.ts";
import { RelayMesh } from "../relay/relay-mesh.ts";
import type { Duplex } from "../stream/duplex.ts";
import { ExitRefusal, type ExitConnector, type FetchConnector } from "../stream/exit-port.ts";

const OFFER_LENGTH = 2500;

/** A relay to have in a network. */
export interface RelayPlan {
  readonly flags: readonly RelayFlag[];
  /** With it the relay is an exit. */
  readonly sites?: Sites;
  /** In place of `sites`: an exit that does what a test wants. */
  readonly exit?: ExitConnector;
  /** With it the relay is an exit that fetches, from any port. */
  readonly fetcher?: FetchConnector;
  readonly limits?: RelayLimits;
  /** KiB/s that it claims; 1000 unless it says so. */
  readonly capacity?: number;
  readonly nat?: NatClass;
}

/** What a client may be told; nothing of it unless a test says so. */
export type ClientPlan = Pick<OnionClientInit, "guards" | "dialer" | "ours" | "nat" | "padding" | "twoLegs">;

/** What an exit can reach: each host serves its connections with a function. */
export type Sites = Readonly<Record<string, (connection: Duplex, target: StreamTarget) => void>>;

export interface NetworkOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly primitives: Primitives;
  /** How the channels of the network behave. */
  readonly channels?: ChannelBehaviour | ((from: RelayId | "client", to: RelayId) => ChannelBehaviour);
  /** Of relays and clients. */
  readonly log?: Log;
  /** Of each relay, in bytes. */
  readonly maxQueueMemory?: number;
  /** Relays find each other as real ones do, with a broker that carries so many dials; without this they are linked to begin with. */
  readonly brokerCarries?: number;
}

export type ChannelBehaviour = Omit<MemoryChannelOptions, "clock">;

export interface MemoryRelay {
  readonly relay: OnionRelay;
  readonly identity: SigningKey;
  readonly mesh: RelayMesh;
}

/** A whole network in memory under a virtual clock: relays with standing links, a directory, clients, sites. */
export class MemoryNetwork {
  readonly relays = new Map<RelayId, MemoryRelay>();
  readonly directory = new MemoryDirectory();
  /** Every channel that was ever dialled, with who dialled whom; the dialler holds end `a`. */
  readonly channels: {
    readonly from: RelayId | "client";
    readonly to: RelayId;
    readonly channel: MemoryChannel;
  }[] = [];
  /** Who has dialled whom by the broker, in order. */
  readonly brokered: { readonly from: RelayId | "client"; readonly to: RelayId }[] = [];
  /** How many dials the broker carries before it dies. */
  brokerCarries = Infinity;
  readonly #options: NetworkOptions;
  readonly #entries: RelayEntry[] = [];
  /** Ends of channels that were offered, by the offer. */
  readonly #offers = new Map<string, () => MemoryChannel>();
  #authority: SigningKey | undefined;

  private constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Resolves when all relays are linked to each other that can be. */
  static async start(plans: readonly RelayPlan[], options: NetworkOptions): Promise<MemoryNetwork> {
    const network = new MemoryNetwork(options);
    for (const plan of plans) await network.#addRelay(plan);
    network.brokerCarries = options.brokerCarries ?? Infinity;
    if (options.brokerCarries === undefined) {
      network.#linkAll();
      await network.untilLinked();
    }
    await network.publish(network.#entries);
    await network.untilLinked();
    return network;
  }

  /** Resolves when all relays that there are now are linked to each other that can be. */
  async untilLinked(): Promise<void> {
    const isLinked = ({ relay }: MemoryRelay): boolean =>
      relay.stats.relayLinks >= this.#linkable(relay.id).length;
    while (![...this.relays.values()].every(isLinked)) await this.#options.clock.advance(10);
  }

  /** The relays that one may have as neighbours. */
  #linkable(id: RelayId): readonly RelayId[] {
    const natOf = (relay: RelayId): NatClass =>
      this.#entries.find(({ descriptor }) => descriptor.identity === relay)?.descriptor.nat ?? "unknown";
    return [...this.relays.keys()].filter((other) => other !== id && mayLink(natOf(id), natOf(other)));
  }

  get entries(): readonly RelayEntry[] {
    return this.#entries;
  }

  client({ guards = memoryGuardStore(), ...plan }: Partial<ClientPlan> = {}): OnionClient {
    const { clock, random, primitives } = this.#options;
    const { directory, dialer } = this;
    return new OnionClient({
      ...{ directory, dialer, guards, primitives, clock },
      ...{ random: random.fork(), log: this.#log },
      ...plan,
    });
  }

  /** A channel to a relay for a peer that is neither client nor relay of ours; the other end is the relay's. */
  channelTo(id: RelayId): DataChannel {
    return this.#connect("client", id).a;
  }

  /** Dials relays as clients do. */
  get dialer(): ChannelDialer {
    return this.#dialer("client");
  }

  get #log(): Log {
    return this.#options.log ?? silentLog;
  }

  /** Makes a consensus of these relays and gives it to everybody. */
  async publish(relays: readonly RelayEntry[]): Promise<void> {
    const { clock } = this.#options;
    this.#authority ??= (await generateSigningKey()).key;
    const body = encodeConsensusBody({
      validAfter: clock.now(),
      freshUntil: clock.now() + 86_400_000,
      validUntil: clock.now() + 2 * 86_400_000,
      previous: new Uint8Array(32),
      weights: { Wgg: 10_000, Wgd: 0, Wmg: 10_000, Wmd: 0, Wme: 10_000, Wee: 10_000, Wed: 10_000 },
      votes: [],
      issuers: [],
      relays: [...relays].sort((a, b) => compareIdentity(a, b)),
    });
    const bytes = await signConsensus(body, [this.#authority]);
    this.directory.set(await verifyConsensus(bytes, { authorities: [this.#authority.id], now: clock.now() }));
  }

  /** One more relay joins and is listed. */
  async join(plan: RelayPlan): Promise<MemoryRelay> {
    const joined = await this.#addRelay(plan);
    await this.publish(this.#entries);
    return joined;
  }

  /** A relay disappears: its links break, and its exit's connections with them. */
  kill(id: RelayId): void {
    const gone = this.relays.get(id);
    gone?.mesh.close();
    gone?.relay.close();
    this.relays.delete(id);
  }

  async #addRelay(plan: RelayPlan): Promise<MemoryRelay> {
    const { clock, random, primitives, maxQueueMemory } = this.#options;
    const { key: identity } = await generateSigningKey();
    const ntorKeys = await generateDhKeyPair();
    const entry = await relayEntry(plan, identity, ntorKeys, clock.now());
    const log = this.#log;
    const exit = exitOf(plan);
    const relay: OnionRelay = new OnionRelay({
      identity,
      ntorKeys,
      primitives,
      clock,
      random: random.fork(),
      log,
      ...exit,
      ...(plan.fetcher !== undefined && { fetcher: plan.fetcher }),
      answerOffer: (offer) => this.#answer(relay, offer),
      limits: plan.limits,
      ...(maxQueueMemory !== undefined && { maxQueueMemory }),
    });
    const dialer = this.#dialer(relay.id);
    const mesh = new RelayMesh({
      relay,
      directory: this.directory,
      dialer,
      maxLinks: 512,
      clock,
      random: random.fork(),
      log,
    });
    const added = { relay, identity, mesh };
    this.relays.set(relay.id, added);
    this.#entries.push(entry);
    return added;
  }

  #dialer(from: RelayId | "client"): ChannelDialer {
    return {
      dial: async (entry, signal, carry) => {
        const to = entry.descriptor.identity;
        if (carry !== undefined) return this.#dialThrough(carry, { from, entry, signal });
        this.brokered.push({ from, to });
        if (this.brokered.length > this.brokerCarries)
          throw new TaborError("closed", "directory", "the broker is gone");
        if (!this.relays.has(to)) throw new TaborError("unreachable", "link", "no such relay");
        return this.#connect(from, to).a;
      },
    };
  }

  /** An offer is as long as a real one, and means nothing but to whom it is made. */
  async #dialThrough(
    carry: CarryOffer,
    { from, entry, signal }: { from: RelayId | "client"; entry: RelayEntry; signal: AbortSignal },
  ): Promise<DataChannel> {
    const offer = randomBytes(this.#options.random, OFFER_LENGTH);
    let ours: DataChannel | undefined;
    this.#offers.set(bytesToHex(offer), () => {
      const channel = this.#channel(from, entry.descriptor.identity);
      ours = channel.a;
      return channel;
    });
    const reply = await carry(entry, offer, signal);
    if (ours === undefined || compareBytes(reply, offer) !== 0)
      throw new TaborError("not-authentic", "relay", "not the reply to this offer");
    return ours;
  }

  #answer(relay: OnionRelay, offer: Uint8Array): Promise<Uint8Array> {
    const channel = this.#offers.get(bytesToHex(offer))?.();
    if (channel === undefined) return Promise.reject(new TaborError("malformed", "relay", "no offer"));
    relay.addChannel(channel.b).catch(() => undefined);
    return Promise.resolve(offer);
  }

  #linkAll(): void {
    for (const { relay } of this.relays.values())
      for (const to of this.#linkable(relay.id))
        if (relay.id < to) relay.addChannel(this.#connect(relay.id, to).a, to).catch(() => undefined);
  }

  #connect(from: RelayId | "client", to: RelayId): MemoryChannel {
    const channel = this.#channel(from, to);
    this.relays
      .get(to)
      ?.relay.addChannel(channel.b)
      .catch(() => undefined);
    return channel;
  }

  #channel(from: RelayId | "client", to: RelayId): MemoryChannel {
    const { clock, channels } = this.#options;
    const behaviour = typeof channels === "function" ? channels(from, to) : channels;
    const channel = memoryDataChannel({ clock, ...behaviour });
    this.channels.push({ from, to, channel });
    return channel;
  }
}

function exitOf({ sites, exit }: RelayPlan): { exit?: ExitConnector } {
  if (exit !== undefined) return { exit };
  return sites === undefined ? {} : { exit: memoryExit(sites) };
}

/** A directory that a test speaks for. */
class MemoryDirectory implements DirectorySource {
  readonly #emitter = new Emitter<Consensus>();
  #current: Consensus | undefined;

  get current(): Consensus | undefined {
    return this.#current;
  }

  subscribe(listener: (consensus: Consensus) => void): () => void {
    return this.#emitter.subscribe(listener);
  }

  set(consensus: Consensus): void {
    this.#current = consensus;
    this.#emitter.emit(consensus);
  }
}

/** Guards kept in memory. */
export function memoryGuardStore(initial?: string): GuardStore & { readonly saved: string | undefined } {
  let saved = initial;
  return {
    get saved() {
      return saved;
    },
    load: () => Promise.resolve(saved),
    save: (text) => {
      saved = text;
      return Promise.resolve();
    },
  };
}

/** Connects to its sites, and finds no other names. */
export function memoryExit(sites: Sites): ExitConnector {
  return {
    connect: (target) => {
      const serve = sites[target.host];
      if (serve === undefined) return Promise.reject(new ExitRefusal("resolve-failed"));
      const [ours, theirs] = memoryDuplex();
      serve(theirs, target);
      const connection = {
        address: Uint8Array.of(192, 0, 2, 1),
        ttl: 60,
        read: () => ours.read(),
        write: (bytes: Uint8Array) => ours.write(bytes),
        end: () => {
          ours.end();
        },
        abort: (error: TaborError) => {
          ours.abort(error);
        },
      };
      return Promise.resolve(connection);
    },
    resolve: (name) =>
      Promise.resolve([
        name in sites
          ? { type: "address", address: Uint8Array.of(192, 0, 2, 1), ttl: 60 }
          : { type: "error", transient: false },
      ]),
  };
}

async function relayEntry(
  plan: RelayPlan,
  identity: SigningKey,
  ntorKeys: DhKeyPair,
  now: number,
): Promise<RelayEntry> {
  const descriptorBytes = await signDescriptor(
    {
      ntorKey: ntorKeys.publicKey,
      signalKey: new Uint8Array(32).fill(9),
      published: now,
      platform: "node",
      nat: plan.nat ?? "unknown",
      capacity: plan.capacity ?? 1000,
      family: [],
      policy4: exitOf(plan).exit === undefined ? "reject 1-65535" : "accept 1-65535",
      policy6: exitOf(plan).exit === undefined ? "reject 1-65535" : "accept 1-65535",
      fetchPolicy: plan.fetcher === undefined ? undefined : "accept 1-65535",
    },
    identity,
  );
  const flags = new Set<RelayFlag>(["Running", "Valid", ...plan.flags]);
  return {
    descriptor: decodeDescriptor(descriptorBytes),
    descriptorBytes,
    flags,
    weight: 1000,
    network: new Uint8Array(0),
  };
}

function compareIdentity(a: RelayEntry, b: RelayEntry): number {
  return compareBytes(relayIdToBytes(a.descriptor.identity), relayIdToBytes(b.descriptor.identity));
}
