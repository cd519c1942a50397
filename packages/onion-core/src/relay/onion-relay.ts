import type { AllowanceState, Calendar, DataUsed } from "./limits/data-allowance.ts";
import { carryOffer } from "./carry-offer.ts";
import { LinkTraffic, type TrafficLimits } from "./limits/link-traffic.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import { RelayCircuits } from "./relay-circuits.ts";
import type { DestroyReason } from "../cell/control.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import { relayId, shortId, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import type { AnswerOffer } from "../directory/source.ts";
import type { LinkGate } from "../handshake/link-gate.ts";
import { openLink } from "../link/open-link.ts";
import type { Link } from "../link/link.ts";
import { QueueMemory } from "../memory/queue-memory.ts";
import type { DhKeyPair, Primitives } from "../ports/primitives.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/aead.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { ExitConnector, FetchConnector } from "../stream/exit-port.ts";

export interface OnionRelayInit {
  readonly identity: SigningKey;
  readonly ntorKeys: DhKeyPair;
  /** With it the relay is an exit for streams. */
  readonly exit?: ExitConnector;
  /** With it the relay is an exit that fetches (SPEC §7.5). */
  readonly fetcher?: FetchConnector;
  /** Answers offers that come through the mesh (SPEC §7.7); they are refused unless it is given. */
  readonly answerOffer?: AnswerOffer | undefined;
  /** Bytes that all its queues may hold (SPEC §11.1); as many as a tab has room for unless it says so. */
  readonly maxQueueMemory?: number;
  /** What it asks of those who link to it; nothing unless given. */
  readonly gate?: LinkGate | undefined;
  /** None unless given. */
  readonly limits?: RelayLimits | undefined;
  /** What it has used of `limits` before. */
  readonly dataUsed?: DataUsed | undefined;
  /** When a day begins for `limits`; as in UTC unless given. */
  readonly dayOf?: Calendar | undefined;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** SPEC §11.1. */
const MAX_QUEUE_MEMORY_IN_A_TAB = 128 * 2 ** 20;

/** What the owner of a relay lets it use (SPEC §11.2). Undefined: no limit. */
export interface RelayLimits extends TrafficLimits {
  /** Circuits at a time; whoever asks for one more is refused. */
  readonly maxCircuits?: number | undefined;
}

/** Finds a link to a relay that there is none to yet; undefined if that fails. Never throws. */
export type Reach = (id: RelayId) => Promise<Link | undefined>;

/** How much all queues of a relay hold, in bytes. */
export interface RelayMemory {
  readonly held: number;
  readonly bound: number;
  /** Circuits and links that were ended because it was too much, since the start. */
  readonly ended: number;
}

/** What a relay has done; a volunteer sees it, and nothing in it tells whose traffic it was. */
export interface RelayStats {
  /** Relays that it is linked to. */
  readonly relayLinks: number;
  readonly clientLinks: number;
  /** Circuits that are being carried now. */
  readonly circuits: number;
  /** Circuits carried since the start. */
  readonly circuitsTotal: number;
  /** Circuits refused since the start, because of its owner's limits or for want of memory. */
  readonly circuitsRefused: number;
  /** Cells of circuits received and sent since the start. */
  readonly cellsIn: number;
  readonly cellsOut: number;
  /** Bytes of all links received and sent since the start: these cells, handshakes and padding, without what DTLS, UDP and IP add. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A relay: carries circuits between its links, and, with an exit connector, opens streams to sites. */
export class OnionRelay {
  readonly id: RelayId;
  readonly #init: OnionRelayInit;
  readonly #memory: QueueMemory;
  readonly #keeper: MemoryKeeper;
  readonly #traffic: LinkTraffic;
  readonly #circuits: RelayCircuits;
  readonly #links = new Set<Link>();
  readonly #linksByRelay = new Map<RelayId, Link>();
  readonly #linkListeners = new Set<(id: RelayId) => void>();
  readonly #closedCells = { in: 0, out: 0 };
  #reach: Reach | undefined;
  #maxCircuits = Infinity;
  #isDraining = false;
  #isClosed = false;

  constructor(init: OnionRelayInit) {
    this.#init = init;
    this.id = init.identity.id;
    const memory = new QueueMemory(init.maxQueueMemory ?? MAX_QUEUE_MEMORY_IN_A_TAB);
    this.#memory = memory;
    const { clock, log, dataUsed: used, dayOf } = init;
    const spent = (): void => {
      // What tells of it is in the middle of sending.
      clock.soon(this.#endSpent);
    };
    this.#traffic = new LinkTraffic({ clock, queueMemory: memory.bound, used, dayOf, spent });
    const isExit = init.exit !== undefined || init.fetcher !== undefined;
    this.#circuits = new RelayCircuits(init, {
      memory,
      reach: (identity) => this.#linkOrReach(relayId(identity)),
      exit: isExit ? this.#traffic.shareExit({ connector: init.exit, fetcher: init.fetcher }) : undefined,
      refusal: () => this.#refusal,
    });
    this.#keeper = new MemoryKeeper({
      ...{ memory, circuits: this.#circuits, links: this.#links, clock, log },
      spare: () => {
        this.#circuits.spare();
      },
    });
    this.limit(init.limits ?? {});
  }

  get linkCount(): number {
    return this.#links.size;
  }

  get stats(): RelayStats {
    const cells = { ...this.#closedCells };
    for (const link of this.#links) {
      cells.in += link.cellCounts.in;
      cells.out += link.cellCounts.out;
    }
    return {
      relayLinks: this.#linksByRelay.size,
      clientLinks: [...this.#links].filter((link) => link.peer.role === "client").length,
      circuits: this.#circuits.count,
      circuitsTotal: this.#circuits.total,
      circuitsRefused: this.#circuits.refused,
      cellsIn: cells.in,
      cellsOut: cells.out,
      bytesIn: this.#traffic.bytes.in,
      bytesOut: this.#traffic.bytes.out,
    };
  }

  /** How far the data is used up that its owner allows. */
  get allowance(): AllowanceState {
    return this.#traffic.allowance.state;
  }

  /** What has been used, for who keeps it over a restart. */
  get dataUsed(): DataUsed {
    return this.#traffic.allowance.used;
  }

  /** Whether it takes no new circuits, whoever asks. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** From now on. What is above a limit already runs on, but when the data is used up. */
  limit(limits: RelayLimits): void {
    this.#maxCircuits = limits.maxCircuits ?? Infinity;
    this.#traffic.limit(limits);
  }

  /** Takes no new circuits from now on; those that there are run on. */
  drain(): void {
    this.#isDraining = true;
  }

  get memory(): RelayMemory {
    return { held: this.#memory.bytes, bound: this.#memory.bound, ended: this.#keeper.ended };
  }

  /** The standing link to a relay, if there is one. */
  linkTo(id: RelayId): Link | undefined {
    return this.#linksByRelay.get(id);
  }

  /** Calls `listener` with each relay that a link was made to, or whose last link has closed. */
  onLinks(listener: (id: RelayId) => void): Cancel {
    this.#linkListeners.add(listener);
    return () => this.#linkListeners.delete(listener);
  }

  /** From now on, circuits are extended also to relays that it is not linked to yet (SPEC §6.2). */
  reachBy(reach: Reach): void {
    this.#reach = reach;
  }

  /** Brings a sealed offer to a relay through a neighbour. @returns its reply. @throws closed if `way` is no neighbour; what stopped it. */
  async carryOffer(
    way: RelayEntry,
    target: RelayEntry,
    { offer, signal }: { offer: Uint8Array; signal: AbortSignal },
  ): Promise<Uint8Array> {
    const link = this.linkTo(way.descriptor.identity);
    if (link === undefined) throw new TaborError("closed", "link", "no link to this neighbour");
    return carryOffer({ link, way, target, offer, signal }, this.#init);
  }

  /**
   * Makes a link of a data channel that a peer opened to us, or (with `expected`) that we opened to a relay.
   * @throws what the link handshake found wrong.
   */
  async addChannel(channel: DataChannel, expected?: RelayId): Promise<Link> {
    const { identity, gate } = this.#init;
    const owner = { acceptCircuit: this.#circuits.accept };
    const link = await openLink(
      {
        channel: this.#traffic.share(channel),
        initiator: expected !== undefined,
        identity,
        expected,
        owner,
        gate,
      },
      { ...this.#init, memory: this.#memory },
    );
    if (this.#isClosed) link.close(new TaborError("closed", "here", "the relay has stopped"));
    else this.#add(link);
    return link;
  }

  /** Closes every link; every circuit ends. */
  close(): void {
    this.#isClosed = true;
    for (const link of this.#links) link.close(new TaborError("closed", "here", "the relay has stopped"));
  }

  get #refusal(): DestroyReason | undefined {
    if (this.#isDraining || this.allowance !== "free") return "hibernating";
    return this.#circuits.wanted > this.#maxCircuits ? "resource-limit" : undefined;
  }

  readonly #endSpent = (): void => {
    if (this.allowance !== "spent") return;
    const reason = new TaborError("resource-limit", "relay", "the data that its owner allows is used up");
    for (const circuit of [...this.#circuits]) circuit.destroy(reason);
  };

  #linkOrReach(id: RelayId): MaybePromise<Link | undefined> {
    return this.linkTo(id) ?? this.#reach?.(id);
  }

  #add(link: Link): void {
    const { peer } = link;
    this.#links.add(link);
    this.#init.log.debug("link opened", { peer: peer.role === "relay" ? shortId(peer.id) : "client" });
    if (peer.role === "relay") this.#linkedTo(peer.id, link);
    void link.closed.then(() => {
      this.#links.delete(link);
      this.#closedCells.in += link.cellCounts.in;
      this.#closedCells.out += link.cellCounts.out;
      if (peer.role === "relay") this.#unlinkedFrom(peer.id, link);
    });
  }

  #linkedTo(id: RelayId, link: Link): void {
    const older = this.#linksByRelay.get(id);
    // A relay that links again has lost the older link, even if we have not noticed yet.
    this.#linksByRelay.set(id, link);
    if (older !== undefined) this.#giveOneUp(id, older, link);
    this.#tellLinks(id);
  }

  /** Two relays may dial each other at once. The larger gives up the link that it dialled, as soon as no circuit uses it. */
  #giveOneUp(id: RelayId, older: Link, newer: Link): void {
    if (older.isClosed || older.isDialled === newer.isDialled || this.id < id) return;
    const [own, theirs] = newer.isDialled ? [newer, older] : [older, newer];
    this.#linksByRelay.set(id, theirs);
    own.closeWhenUnused(new TaborError("closed", "here", "the relays are linked already"));
  }

  #unlinkedFrom(id: RelayId, link: Link): void {
    if (this.#linksByRelay.get(id) !== link) return;
    const another = [...this.#links].find(({ peer }) => peer.role === "relay" && peer.id === id);
    if (another !== undefined) this.#linksByRelay.set(id, another);
    else this.#linksByRelay.delete(id);
    this.#tellLinks(id);
  }

  #tellLinks(id: RelayId): void {
    for (const listener of [...this.#linkListeners]) listener(id);
  }
}
