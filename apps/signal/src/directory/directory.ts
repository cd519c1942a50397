import type { Clock, JoinedRelay, Log, Random, RelayId, SigningKey, RelayStanding } from "@tabor/onion-core";
import { type IncomingSignal, type PeerAddress, relayAddress } from "@tabor/signal-protocol";
import { type Admission, openAdmission } from "../admission/admission.ts";
import { ConsensusFeed } from "./consensus-feed.ts";
import { ConsensusHistory } from "./consensus-history.ts";
import type { ConsensusSource, MadeConsensus, StartConsensuses } from "./consensus-source.ts";
import type { PeerPort } from "./peer-port.ts";
import { Absences } from "../relays/absences.ts";
import { MemoryRelays } from "../relays/memory-relays.ts";
import type { RelayChange, RelayStore } from "../relays/relay-store.ts";
import { type Member, type Published, Session, type SessionOwner } from "./session.ts";

export interface DirectoryOptions {
  readonly identity: SigningKey;
  /** Who makes the consensuses: this directory alone, or with others. */
  readonly startConsensuses: StartConsensuses;
  /** Who may join; anybody unless it says so. */
  readonly admission?: Admission;
  /** Who is registered; in this process's memory unless it is given. */
  readonly relays?: RelayStore;
  /** Peers that are not here, but at another broker. @returns whether one has the address. */
  readonly elsewhere?: (to: PeerAddress, signal: IncomingSignal) => Promise<boolean>;
  /** What its measurer says of a relay, if it has one. */
  readonly standingOf?: (relay: RelayId) => RelayStanding;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Who is here, and what is said of them: the directory and broker without its sockets (SPEC §8, §9). It keeps who is
 * connected now, and nothing of who signalled whom.
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #members = new Map<PeerAddress, Member>();
  readonly #relays: RelayStore;
  readonly #absences = new Absences();
  readonly #feeds = new Map<Member, ConsensusFeed>();
  readonly #source: ConsensusSource;
  /** For whoever asks otherwise than by joining. */
  readonly history = new ConsensusHistory();

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#relays = options.relays ?? new MemoryRelays();
    this.#source = options.startConsensuses({
      relays: () => this.#joinedRelays(),
      settled: () => this.#relays.settled(),
      newest: () => this.history.newestUnsigned,
      publish: (consensus) => {
        this.#publish(consensus);
      },
    });
    this.#relays.onChange((change) => {
      this.#changed(change);
    });
  }

  /** A new connection, which is challenged at once. */
  connect(port: PeerPort): Session {
    const owner: SessionOwner = {
      joined: (member, has) => {
        this.#joined(member, has);
      },
      published: (member, published) => {
        if (this.#isHere(member)) this.#register(member, published);
      },
      has: (member, digest) => {
        this.#feeds.get(member)?.peerHas(digest);
      },
      left: (member) => {
        this.#left(member);
      },
      signal: (to, signal) => this.#signal(to, signal),
    };
    return new Session({ admission: openAdmission, ...this.#options, port, owner });
  }

  /** Ends every session that was let in for this key, at once. */
  revoke(key: RelayId): void {
    for (const { admitted, port } of [...this.#members.values()]) {
      if (admitted.by === "member" && admitted.member === key) port.close();
    }
  }

  /** Its issuers are others now, which everybody is told. @param voided whether some let nobody in any more: their sessions end. */
  issuersChanged({ voided }: { readonly voided: boolean }): void {
    this.#source.changed();
    if (!voided) return;
    for (const member of [...this.#members.values()]) {
      if (member.admitted.by === "token") void this.#closeIfRevoked(member);
    }
  }

  /** Its measurer says something else than before of who answers. */
  standingsChanged(): void {
    this.#source.changed();
  }

  /** Who is registered stays it, for the next to serve. Resolves when that is written. */
  close(): Promise<void> {
    this.#source.close();
    const written = this.#relays.close();
    for (const { port } of [...this.#members.values()]) port.close();
    return written;
  }

  #joined(member: Member, has: Uint8Array | undefined): void {
    const replaced = this.#members.get(member.address);
    this.#members.set(member.address, member);
    const feed = new ConsensusFeed(this.history, member.port, has);
    this.#feeds.set(member, feed);
    // Replaced before it is closed, so that its end removes nothing of the new connection's.
    replaced?.port.close();
    const known = member.role === "relay" ? this.#relays.get(member.id) : undefined;
    if (known) this.#register(member, known);
    void this.#closeIfRevoked(member);
    this.#options.log.info("peer joined", { role: member.role, peers: this.#members.size });
    this.#options.clock.soon(() => {
      if (this.#isHere(member)) feed.newest();
    });
  }

  /** A key may be revoked after it was looked up and before its session was there to be closed. */
  async #closeIfRevoked({ admitted, port }: Member): Promise<void> {
    const { admission = openAdmission } = this.#options;
    // Who cannot be looked up is no member.
    const isMember = await admission.stillAdmits(admitted).catch(() => false);
    if (!isMember) port.close();
  }

  #left(member: Member): void {
    this.#feeds.delete(member);
    if (!this.#isHere(member)) return;
    this.#members.delete(member.address);
    if (member.role === "relay") this.#unregister(member);
    this.#options.log.info("peer left", { role: member.role, peers: this.#members.size });
  }

  #signal(to: PeerAddress, signal: IncomingSignal): boolean | Promise<boolean> {
    const port = this.#members.get(to)?.port;
    return port?.signal(signal) ?? this.#options.elsewhere?.(to, signal) ?? false;
  }

  #isHere(member: Member): boolean {
    return this.#members.get(member.address) === member;
  }

  #register({ since: joinedAt, port }: Member, { descriptor, descriptorBytes }: Published): void {
    const { connectionId: connection, remoteAddress: address } = port;
    const since = this.#absences.since(descriptor.identity, joinedAt);
    this.#relays.put({ descriptor, descriptorBytes, address, connection, since, joinedAt });
  }

  #unregister({ id, port }: Member): void {
    const registered = this.#relays.get(id);
    if (registered) this.#absences.left(id, { since: registered.since, leftAt: this.#options.clock.now() });
    this.#relays.remove(id, port.connectionId);
  }

  #joinedRelays(): readonly JoinedRelay[] {
    const { standingOf } = this.#options;
    return this.#relays
      .all()
      .map((relay) => ({ ...relay, standing: standingOf?.(relay.descriptor.identity) }));
  }

  /** Another broker may have the relay now. */
  #changed({ relay, replaced }: RelayChange): void {
    const port = this.#members.get(relayAddress(relay))?.port;
    if (port !== undefined && port.connectionId === replaced) port.close();
    this.#source.changed();
  }

  #publish(consensus: MadeConsensus): void {
    this.history.add(consensus);
    this.#options.log.info("new consensus", {
      relays: this.#relays.all().length,
      bytes: consensus.bytes.length,
    });
    for (const feed of this.#feeds.values()) feed.newest();
  }
}
