import { keepFirstLinks } from "./first-links.ts";
import { Linker, type Signalled } from "./linker.ts";
import type { OnionRelay } from "./onion-relay.ts";
import { Pulse } from "./pulse.ts";
import { ranked } from "./relay-ranking.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { mayLink } from "../directory/nat.ts";
import type { ChannelDialer, DirectorySource } from "../directory/source.ts";
import type { Link } from "../link/link.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { randomBelow, randomFraction, type Random } from "../ports/random.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** Neighbours that are asked in one attempt. */
const WAYS = 3;
/** How long a link is sought through the mesh alone, in milliseconds. */
const PATIENCE_MS = 60_000;
/** For circuits (SPEC §6.2): how long one waits for a link, the least between two attempts at one relay, and attempts at a time. */
const REACH_DEADLINE_MS = 5000;
const REACH_AGAIN_MS = 10_000;
const MAX_REACHING = 16;

export interface RelayMeshInit {
  readonly relay: OnionRelay;
  readonly directory: DirectorySource;
  readonly dialer: ChannelDialer;
  /** How many links the relay may have (SPEC §11). */
  readonly maxLinks: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Keeps a relay linked to the others ahead of demand (SPEC §9.5). The broker is asked for first links alone; all others are signalled through
 * relays that are linked already, so that it learns neither who is linked to whom nor, by what circuits ask for, of any path. Of each pair the
 * relay with the smaller identity dials.
 */
export class RelayMesh {
  readonly #init: RelayMeshInit;
  readonly #linker: Linker;
  readonly #pulse: Pulse;
  readonly #neighbours = new Map<RelayId, Neighbour>();
  readonly #closing = new AbortController();
  readonly #unsubscribe: readonly Cancel[];
  #others: readonly RelayEntry[] = [];
  #reaching = 0;

  constructor(init: RelayMeshInit) {
    const { relay, directory, clock, random } = init;
    this.#init = init;
    this.#linker = new Linker(init);
    this.#pulse = new Pulse(clock);
    this.#unsubscribe = [
      directory.subscribe(({ relays }) => {
        this.#update(relays);
      }),
      relay.onLinks((id) => {
        this.#linksChanged(id);
      }),
    ];
    relay.reachBy((id) => this.#reach(id));
    if (directory.current !== undefined) this.#update(directory.current.relays);
    const isLinked = (entry: RelayEntry): boolean => this.#linkTo(entry) !== undefined;
    const first = { linker: this.#linker, others: () => this.#others, isLinked };
    void keepFirstLinks({ ...first, pulse: this.#pulse, clock, random }, this.#closing.signal);
  }

  /** How the links that this relay dialled were signalled, since its start. */
  get signalled(): Signalled {
    return this.#linker.signalled;
  }

  /** To be called when what was lost may be had again: neighbours that wait to be dialled are dialled now. */
  hurry(): void {
    for (const neighbour of this.#neighbours.values()) {
      neighbour.retryMs = FIRST_RETRY_MS;
      neighbour.cancelRetry();
    }
    this.#pulse.beat();
  }

  close(): void {
    for (const stop of this.#unsubscribe) stop();
    this.#closing.abort();
    this.#linker.close();
    for (const neighbour of this.#neighbours.values()) neighbour.cancelRetry();
    this.#neighbours.clear();
    this.#pulse.beat();
  }

  /** Dials those that are new, forgets those that are gone; their links end by themselves. */
  #update(relays: readonly RelayEntry[]): void {
    const { id: own } = this.#init.relay;
    // What everybody is told of us, so that both ends of a pair decide alike.
    const nat = relays.find(({ descriptor }) => descriptor.identity === own)?.descriptor.nat ?? "unknown";
    this.#others = ranked(relays).filter(
      ({ descriptor }) => descriptor.identity !== own && mayLink(nat, descriptor.nat),
    );
    const listed = new Map(this.#others.map((entry) => [entry.descriptor.identity, entry]));
    for (const [id, neighbour] of this.#neighbours) {
      if (listed.has(id)) continue;
      this.#neighbours.delete(id);
      neighbour.cancelRetry();
    }
    for (const [id, entry] of listed) {
      const known = this.#neighbours.get(id);
      if (known !== undefined) known.entry = entry;
      else this.#add(id, entry);
    }
    this.#pulse.beat();
  }

  #linksChanged(id: RelayId): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour !== undefined) neighbour.wasLinked = true;
    // Each of the first few is a way to all others, for whom nobody should have to wait.
    if (this.#init.relay.stats.relayLinks <= WAYS) this.hurry();
    else this.#pulse.beat();
  }

  #add(id: RelayId, entry: RelayEntry): void {
    const neighbour: Neighbour = {
      ...{ id, entry, soughtSince: this.#init.clock.monotonic(), retryMs: FIRST_RETRY_MS },
      ...{ attempt: undefined, triedAt: -Infinity, wasLinked: false, cancelRetry: () => undefined },
    };
    this.#neighbours.set(id, neighbour);
    // Ids compare as text: any order that both sides share will do.
    if (this.#init.relay.id < id) void this.#keepLinked(neighbour);
  }

  /** Dials until the neighbour is linked, and again when the link is lost; never throws. */
  async #keepLinked(neighbour: Neighbour): Promise<void> {
    while (this.#isWanted(neighbour)) {
      const standing = this.#linkTo(neighbour.entry);
      // A relay that was not listed for a while, as when its directory lost its memory, may still be linked.
      if (standing !== undefined) await this.#untilLost(standing, neighbour);
      else if (this.#ways(neighbour).length === 0) {
        await this.#pulse.next();
        continue;
      } else await this.#try(neighbour, true);
      if (this.#linkTo(neighbour.entry) === undefined) await this.#wait(neighbour);
    }
  }

  async #untilLost(standing: Link, neighbour: Neighbour): Promise<void> {
    await standing.closed;
    neighbour.retryMs = FIRST_RETRY_MS;
    neighbour.soughtSince = this.#init.clock.monotonic();
  }

  /** The link to a relay that a circuit asks for, which may have to be made first: never by the broker, who would learn of the path. */
  async #reach(id: RelayId): Promise<Link | undefined> {
    const { clock, relay } = this.#init;
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined || !this.#mayReach(neighbour)) return undefined;
    this.#reaching += 1;
    const deadline = clock.monotonic() + REACH_DEADLINE_MS;
    void this.#try(neighbour, false);
    while (neighbour.attempt !== undefined && relay.linkTo(id) === undefined) {
      const left = deadline - clock.monotonic();
      if (left <= 0) break;
      await this.#pulse.next(left);
    }
    this.#reaching -= 1;
    return relay.linkTo(id);
  }

  /**
   * Only a relay that is new here, for one whose link was lost is most often gone, and circuits are better built elsewhere at once. And rarely:
   * an attempt has others look for a link in turn.
   */
  #mayReach({ attempt, triedAt, wasLinked }: Neighbour): boolean {
    if (wasLinked || this.#reaching >= MAX_REACHING) return false;
    return attempt !== undefined || this.#init.clock.monotonic() - triedAt >= REACH_AGAIN_MS;
  }

  /** One attempt at a time for each neighbour; ends when that has, whatever came of it. */
  #try(neighbour: Neighbour, mayAskBroker: boolean): Promise<void> {
    neighbour.attempt ??= this.#attempt(neighbour, mayAskBroker).finally(() => {
      neighbour.attempt = undefined;
      neighbour.triedAt = this.#init.clock.monotonic();
      this.#pulse.beat();
    });
    return neighbour.attempt;
  }

  async #attempt(neighbour: Neighbour, mayAskBroker: boolean): Promise<void> {
    const isOverdue = this.#init.clock.monotonic() - neighbour.soughtSince >= PATIENCE_MS;
    const byBroker = mayAskBroker && isOverdue ? [undefined] : [];
    for (const way of [...this.#ways(neighbour), ...byBroker]) {
      if (!this.#isWanted(neighbour) || !this.#linker.hasRoom) return;
      if (await this.#linker.link(neighbour.entry, way)) return;
    }
  }

  /** Neighbours to ask: the one at which others meet, and then any. */
  #ways({ id, entry: target }: Neighbour): readonly RelayEntry[] {
    const linked = this.#others.filter(
      (entry) =>
        entry.descriptor.identity !== id &&
        mayLink(entry.descriptor.nat, target.descriptor.nat) &&
        this.#linkTo(entry) !== undefined,
    );
    const ways = linked.splice(0, 1);
    while (ways.length < WAYS && linked.length > 0)
      ways.push(...linked.splice(randomBelow(this.#init.random, linked.length), 1));
    return ways;
  }

  /** The wait doubles up to a minute, and is spread so that a restart does not bring everybody at once. */
  #wait(neighbour: Neighbour): Promise<void> {
    if (!this.#isWanted(neighbour)) return Promise.resolve();
    const ms = neighbour.retryMs * (0.5 + randomFraction(this.#init.random));
    neighbour.retryMs = Math.min(neighbour.retryMs * 2, LAST_RETRY_MS);
    return new Promise((resolve) => {
      const cancel = this.#init.clock.after(ms, resolve);
      neighbour.cancelRetry = () => {
        cancel();
        resolve();
      };
    });
  }

  #linkTo({ descriptor }: RelayEntry): Link | undefined {
    return this.#init.relay.linkTo(descriptor.identity);
  }

  #isWanted(neighbour: Neighbour): boolean {
    return !this.#closing.signal.aborted && this.#neighbours.get(neighbour.id) === neighbour;
  }
}

interface Neighbour {
  readonly id: RelayId;
  entry: RelayEntry;
  /** Since when there is no link, by the monotonic clock. */
  soughtSince: number;
  retryMs: number;
  /** What is under way, and when the last ended. */
  attempt: Promise<void> | undefined;
  triedAt: number;
  /** Whether there was a link since it is listed. */
  wasLinked: boolean;
  cancelRetry: Cancel;
}
