import type { Clock, JoinedRelay, Log, Random, RelayId, SigningKey } from "@tabor/onion-core";
import type { PeerAddress } from "@tabor/signal-protocol";
import { type Admission, openAdmission } from "../admission/admission.ts";
import { ConsensusPublisher } from "./consensus-publisher.ts";
import type { PeerPort } from "./peer-port.ts";
import { type Member, type Published, Session, type SessionOwner } from "./session.ts";

export interface DirectoryOptions {
  readonly identity: SigningKey;
  /** Signs a consensus of these relays, given in no particular order. */
  readonly makeConsensus: (relays: readonly JoinedRelay[]) => Promise<Uint8Array>;
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
  readonly #publisher: ConsensusPublisher;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#publisher = new ConsensusPublisher({
      ...options,
      make: () => options.makeConsensus(this.#joinedRelays()),
      publish: (consensus) => {
        this.#publish(consensus);
      },
    });
  }

  /** A new connection, which is challenged at once. */
  connect(port: PeerPort): Session {
    const owner: SessionOwner = {
      joined: (member) => {
        this.#joined(member);
      },
      published: (member, published) => {
        if (!this.#isHere(member)) return;
        this.#published.set(member.id, published);
        this.#publisher.changed();
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
    for (const { admitted, port } of [...this.#members.values()]) if (admitted.member === key) port.close();
  }

  close(): void {
    this.#publisher.close();
    for (const { port } of [...this.#members.values()]) port.close();
  }

  #joined(member: Member): void {
    const replaced = this.#members.get(member.address);
    this.#members.set(member.address, member);
    // Replaced before it is closed, so that its end removes nothing of the new connection's.
    replaced?.port.close();
    void this.#closeIfRevoked(member);
    this.#options.log.info("peer joined", { role: member.role, peers: this.#members.size });
    this.#options.clock.soon(() => {
      const consensus = this.#publisher.current;
      if (consensus && this.#isHere(member)) member.port.consensus(consensus);
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
    if (!this.#isHere(member)) return;
    this.#members.delete(member.address);
    if (member.role === "relay" && this.#published.delete(member.id)) this.#publisher.changed();
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

  #publish(consensus: Uint8Array): void {
    this.#options.log.info("new consensus", { relays: this.#published.size, bytes: consensus.length });
    for (const { port } of this.#members.values()) port.consensus(consensus);
  }
}
