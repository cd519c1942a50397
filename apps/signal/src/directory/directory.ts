import type { Clock, JoinedRelay, Log, Random, RelayId, SigningKey } from "@tabor/onion-core";
import type { PeerAddress } from "@tabor/signal-protocol";
import { type Admission, openAdmission } from "../admission/admission.ts";
import { ConsensusFeed } from "./consensus-feed.ts";
import { ConsensusHistory } from "./consensus-history.ts";
import type { ConsensusSource, MadeConsensus, StartConsensuses } from "./consensus-source.ts";
import type { PeerPort } from "./peer-port.ts";
import { type Member, type Published, Session, type SessionOwner } from "./session.ts";

export interface DirectoryOptions {
  readonly identity: SigningKey;
  /** Who makes the consensuses: this directory alone, or with others. */
  readonly startConsensuses: StartConsensuses;
  /** Who may join; anybody unless it says so. */
  readonly admission?: Admission;
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
  readonly #published = new Map<RelayId, Published>();
  readonly #feeds = new Map<Member, ConsensusFeed>();
  readonly #source: ConsensusSource;
  /** For whoever asks otherwise than by joining. */
  readonly history = new ConsensusHistory();

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#source = options.startConsensuses({
      relays: () => this.#joinedRelays(),
      publish: (consensus) => {
        this.#publish(consensus);
      },
    });
  }

  /** A new connection, which is challenged at once. */
  connect(port: PeerPort): Session {
    const owner: SessionOwner = {
      joined: (member, has) => {
        this.#joined(member, has);
      },
      published: (member, published) => {
        if (!this.#isHere(member)) return;
        this.#published.set(member.id, published);
        this.#source.changed();
      },
      has: (member, digest) => {
        this.#feeds.get(member)?.peerHas(digest);
      },
      left: (member) => {
        this.#left(member);
      },
      find: (address) => this.#members.get(address)?.port,
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

  close(): void {
    this.#source.close();
    for (const { port } of [...this.#members.values()]) port.close();
  }

  #joined(member: Member, has: Uint8Array | undefined): void {
    const replaced = this.#members.get(member.address);
    this.#members.set(member.address, member);
    const feed = new ConsensusFeed(this.history, member.port, has);
    this.#feeds.set(member, feed);
    // Replaced before it is closed, so that its end removes nothing of the new connection's.
    replaced?.port.close();
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
    if (member.role === "relay" && this.#published.delete(member.id)) this.#source.changed();
    this.#options.log.info("peer left", { role: member.role, peers: this.#members.size });
  }

  #isHere(member: Member): boolean {
    return this.#members.get(member.address) === member;
  }

  #joinedRelays(): readonly JoinedRelay[] {
    return [...this.#members.values()].flatMap(({ id, role, since, port }) => {
      const published = role === "relay" ? this.#published.get(id) : undefined;
      return published ? [{ ...published, address: port.remoteAddress, since }] : [];
    });
  }

  #publish(consensus: MadeConsensus): void {
    this.history.add(consensus);
    this.#options.log.info("new consensus", { relays: this.#published.size, bytes: consensus.bytes.length });
    for (const feed of this.#feeds.values()) feed.newest();
  }
}
