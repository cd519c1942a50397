import { exponential, logNormal } from "./random.ts";
import { relayId, type RelayId } from "../../packages/onion-core/src/crypto/ids.ts";
import { networkOf } from "../../packages/onion-core/src/directory/network.ts";
import {
  computeBandwidthWeights,
  UNWEIGHTED,
} from "../../packages/onion-core/src/directory/bandwidth-weights.ts";
import type { Consensus, RelayEntry } from "../../packages/onion-core/src/directory/consensus.ts";
import type { Platform } from "../../packages/onion-core/src/directory/descriptor.ts";
import type { JoinedRelay } from "../../packages/onion-core/src/directory/joined-relay.ts";
import { relayKind } from "../../packages/onion-core/src/directory/position-weight.ts";
import { assessRelays } from "../../packages/onion-core/src/directory/relay-flags.ts";
import { randomBelow, randomFraction } from "../../packages/onion-core/src/ports/random.ts";
import type { SeededRandom } from "../../packages/onion-core/src/testing/seeded-random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How many relays there are, and how they come and go. */
export interface Population {
  readonly nodes: number;
  /** Of the Node relays. */
  readonly exitShare: number;
  readonly tabs: number;
  readonly churn: boolean;
}

/** Node relays run for ten days on average, then restart within an hour or so; after two months they are given up for new ones. */
const NODE = { uptime: 10 * DAY, downtime: HOUR, lifetime: 60 * DAY };
/** Half of the tabs are closed within twenty minutes, a few stay open for days. */
const TAB = { median: 20 * MINUTE, sigma: 1.3 };
const NETWORKS = 400;

export interface SimRelay {
  readonly id: RelayId;
  readonly platform: Platform;
  readonly joined: JoinedRelay;
  readonly network: Uint8Array;
  /** In [0, 1): a relay is bad in every network of which more than this share is bad. */
  readonly badness: number;
  /** When it is up until; then until when it is down, and when it is given up. Milliseconds. */
  upUntil: number;
  downUntil: number;
  readonly goneAt: number;
}

/** The relays of a network, as they come and go, and what the directory says of them. */
export class SimNetwork {
  readonly #random: SeededRandom;
  readonly #population: Population;
  readonly #epoch: number;
  #relays: SimRelay[] = [];
  #count = 0;
  #listed: Consensus | undefined;
  readonly byId = new Map<RelayId, SimRelay>();

  /** @param epoch when time 0 is, milliseconds since the Unix epoch. */
  constructor(population: Population, random: SeededRandom, epoch: number) {
    this.#population = population;
    this.#random = random;
    this.#epoch = epoch;
    for (let i = 0; i < population.nodes; i++)
      this.#add("node", i < population.nodes * population.exitShare, 0);
    for (let i = 0; i < population.tabs; i++) this.#add("tab", false, 0);
  }

  /** Whether a relay answers now, whatever the directory says. */
  isUp(id: RelayId, now: number): boolean {
    const relay = this.byId.get(id);
    return relay !== undefined && now < relay.upUntil && now >= relay.downUntil;
  }

  /** Lets relays leave, restart and join until `now`, and lists those that are up, as an authority does. */
  listing(now: number): Consensus {
    if (!this.#population.churn && this.#listed !== undefined) return this.#listed;
    if (this.#population.churn) this.#move(now);
    const up = this.#relays.filter(({ upUntil, downUntil }) => now < upUntil && now >= downUntil);
    this.#listed = consensusOf(up, this.#epoch + now);
    return this.#listed;
  }

  #move(now: number): void {
    const gone = this.#relays.filter((relay) => relay.goneAt <= now);
    this.#relays = this.#relays.filter((relay) => relay.goneAt > now);
    for (const { id, platform, joined } of gone) {
      this.byId.delete(id);
      this.#add(platform, isExit(joined), now);
    }
    for (const relay of this.#relays) {
      if (relay.upUntil > now) continue;
      relay.downUntil = relay.upUntil + exponential(this.#random, NODE.downtime);
      relay.upUntil = relay.downUntil + exponential(this.#random, NODE.uptime);
    }
  }

  #add(platform: Platform, exit: boolean, now: number): void {
    const random = this.#random;
    const identity = new Uint8Array(32);
    new DataView(identity.buffer).setUint32(0, randomBelow(random, 0x1_0000_0000));
    new DataView(identity.buffer).setUint32(4, ++this.#count);
    const id = relayId(identity);
    const lifetime =
      platform === "tab" ? logNormal(random, TAB.median, TAB.sigma) : exponential(random, NODE.lifetime);
    const { churn } = this.#population;
    const made = joined(random, { id, platform, exit, since: this.#since(platform, now) });
    const relay: SimRelay = {
      ...{ id, platform, joined: made },
      badness: randomFraction(random),
      network: networkOf(made.address),
      upUntil: !churn
        ? Infinity
        : platform === "tab"
          ? now + lifetime
          : now + exponential(random, NODE.uptime),
      downUntil: 0,
      goneAt: churn ? now + lifetime : Infinity,
    };
    this.#relays.push(relay);
    this.byId.set(id, relay);
  }

  /** Those that are there from the beginning joined before. */
  #since(platform: Platform, now: number): number {
    const before = platform === "tab" ? TAB.median : NODE.lifetime;
    return this.#epoch + (now === 0 ? -exponential(this.#random, before) : now);
  }
}

function consensusOf(relays: readonly SimRelay[], now: number): Consensus {
  const assess = assessRelays(
    relays.map(({ joined: each }) => each),
    now,
  );
  const entries = relays.map(({ joined: each, network }): RelayEntry => {
    const { descriptor, descriptorBytes } = each;
    return { descriptor, descriptorBytes, network, ...assess(each) };
  });
  const sums = { G: 1, M: 1, E: 1, D: 1 };
  for (const { flags, weight } of entries) sums[relayKind(flags)] += weight;
  return {
    ...{ validAfter: now, freshUntil: now, validUntil: now, previous: new Uint8Array(32) },
    ...{ digest: new Uint8Array(32), votes: [], issuers: [], signers: [] },
    weights: computeBandwidthWeights(sums) ?? UNWEIGHTED,
    relays: entries,
    relaysById: new Map(entries.map((entry) => [entry.descriptor.identity, entry])),
  };
}

function isExit({ descriptor }: JoinedRelay): boolean {
  return descriptor.policy4 !== "reject 1-65535";
}

function joined(
  random: SeededRandom,
  { id, platform, exit, since }: { id: RelayId; platform: Platform; exit: boolean; since: number },
): JoinedRelay {
  const network = randomBelow(random, NETWORKS);
  const capacity = logNormal(random, platform === "tab" ? 500 : 8000, 1);
  return {
    since,
    address: `${String(60 + Math.floor(network / 200))}.${String(network % 200)}.0.1`,
    descriptorBytes: new Uint8Array(0),
    descriptor: {
      ...{ identity: id, platform, nat: "unknown", family: [] },
      ntorKey: new Uint8Array(0),
      signalKey: new Uint8Array(0),
      published: Infinity,
      capacity: Math.max(1, Math.floor(capacity)),
      policy4: exit ? "accept 1-65535" : "reject 1-65535",
      policy6: "reject 1-65535",
    },
  };
}
