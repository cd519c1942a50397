import type { AllowanceState, Calendar, DataUsed } from "./limits/data-allowance.ts";
import { LinkTraffic, type TrafficLimits } from "./limits/link-traffic.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import { RelayCircuits } from "./relay-circuits.ts";
import type { DestroyReason } from "../cell/control.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import { relayId, shortId, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import type { LinkGate } from "../handshake/link-gate.ts";
import { openLink } from "../link/open-link.ts";
import type { Link } from "../link/link.ts";
import { QueueMemory } from "../memory/queue-memory.ts";
import type { DhKeyPair, Primitives } from "../ports/primitives.ts";
import type { Clock } from "../ports/clock.ts";
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

/** How much all queues of a relay hold, in bytes. */
export interface RelayMemory {
  readonly held: number;
  readonly bound: number;
  /** Circuits and links that were ended because it was too much, since the start. */
  readonly ended: number;
}

/** What a relay has done; a volunteer sees it, and nothing in it tells whose traffic it was. */
export interface RelayStats {
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
  readonly #closedCells = { in: 0, out: 0 };
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
      linkTo: (identity) => this.linkTo(relayId(identity)),
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
    const relayLinks = [...this.#links].filter((link) => link.peer.role === "relay").length;
    return {
      relayLinks,
      clientLinks: this.#links.size - relayLinks,
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

  #add(link: Link): void {
    const { peer } = link;
    this.#links.add(link);
    // A relay that links again has lost the older link, even if we have not noticed yet.
    if (peer.role === "relay") this.#linksByRelay.set(peer.id, link);
    this.#init.log.debug("link opened", { peer: peer.role === "relay" ? shortId(peer.id) : "client" });
    void link.closed.then(() => {
      this.#links.delete(link);
      if (peer.role === "relay" && this.#linksByRelay.get(peer.id) === link)
        this.#linksByRelay.delete(peer.id);
      this.#closedCells.in += link.cellCounts.in;
      this.#closedCells.out += link.cellCounts.out;
    });
  }
}
