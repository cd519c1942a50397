/** An authority among several, from period to period (SPEC §8.4). What it needs of the world is handed in. */

import { shortId, type RelayId } from "../crypto/ids.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import { toTaborError } from "../errors.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { decodeAuthorityMessage } from "./authority-message.ts";
import type { FaultyAuthority, PeriodReport } from "./authority-report.ts";
import { verifyConsensus } from "./consensus-signatures.ts";
import type { Consensus } from "./consensus.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import type { AcceptedVote } from "./tally.ts";
import type { IssuerKey } from "./token-issuer.ts";
import { encodeVote } from "./vote.ts";
import { roundsOfPeriod, VotingPeriod, type PeriodResult } from "./voting-period.ts";

/** The way to the other authorities. Nobody is believed for having answered: everything is signed by whom it speaks of. */
export interface AuthorityPeers {
  /** Gives up by itself; what is lost is lost. */
  send(to: RelayId, message: Uint8Array): void;
  /** @returns what it has of these descriptors. May reject. */
  descriptors(from: RelayId, digests: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** @returns its newest consensus. May reject. */
  consensus(from: RelayId): Promise<Uint8Array>;
}

export interface AuthorityOptions {
  readonly key: SigningKey;
  /** All of them, `key`'s too. */
  readonly authorities: readonly RelayId[];
  /**
   * Milliseconds in which a message of an honest authority reaches every other, differences of clocks included. The same for all
   * authorities: the length of a period comes from it.
   */
  readonly roundMs: number;
  readonly peers: AuthorityPeers;
  /** Who is joined now. */
  readonly relays: () => readonly JoinedRelay[];
  /** Our own for tokens now, by time; none in a network that is open. */
  readonly issuers?: () => readonly IssuerKey[];
  /** Takes each consensus that more than half have signed, with the votes that we know of those that it was computed from. */
  readonly publish: (consensus: Uint8Array, votes: readonly Uint8Array[]) => void;
  readonly reported?: (report: PeriodReport) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds. A period has a round more than its work takes, so that one has ended when the next begins. */
export function periodLength(authorities: number, roundMs: number): number {
  return (roundsOfPeriod(authorities) + 1) * roundMs;
}

export class Authority {
  readonly #options: AuthorityOptions;
  readonly #others: readonly RelayId[];
  readonly #periodMs: number;
  /** The one that runs, and the next one, whose messages may come early. */
  readonly #periods = new Map<number, VotingPeriod>();
  /** What was said last of each. */
  readonly #told = new Map<RelayId, string>();
  #newest: Consensus | undefined;
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  /** Asks the others for the consensus that there is, and takes part from the next period on. */
  constructor(options: AuthorityOptions) {
    const { authorities, key, roundMs } = options;
    this.#options = options;
    this.#others = authorities.filter((id) => id !== key.id);
    this.#periodMs = periodLength(authorities.length, roundMs);
    void this.#catchUp();
    this.#awaitPeriod();
  }

  /** What another authority sends. @throws malformed. Messages of periods that are over, or far off, count for nothing. */
  async receive(bytes: Uint8Array): Promise<void> {
    const message = decodeAuthorityMessage(bytes);
    const validAfter = message.kind === "vote" ? message.vote.validAfter : message.validAfter;
    await this.#period(validAfter)?.receive(message);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #awaitPeriod(): void {
    const { clock } = this.#options;
    const now = clock.now();
    const next = (Math.floor(now / this.#periodMs) + 1) * this.#periodMs;
    this.#cancel = clock.after(next - now, () => {
      // A timer may run a moment early by the clock on the wall.
      void this.#run(Math.round(clock.now() / this.#periodMs) * this.#periodMs);
    });
  }

  async #run(validAfter: number): Promise<void> {
    const period = this.#period(validAfter);
    this.#awaitPeriod();
    if (period === undefined) return;
    const previous = this.#newest?.digest ?? new Uint8Array(32);
    const { relays, issuers } = this.#options;
    const result = await period.run({ relays: relays(), previous, issuers: issuers?.() });
    this.#periods.delete(validAfter);
    if (this.#isClosed) return;
    const isPublished = result.consensus !== undefined && (await this.#adopt(result.consensus, result.votes));
    if (!isPublished) await this.#catchUp();
    this.#report(validAfter, result, isPublished);
  }

  /** A message for a period that is neither running nor about to begin finds none. */
  #period(validAfter: number): VotingPeriod | undefined {
    const { clock, key, authorities, roundMs, peers } = this.#options;
    const known = this.#periods.get(validAfter);
    if (known !== undefined) return known;
    const ahead = validAfter - clock.now();
    if (validAfter % this.#periodMs !== 0 || ahead > roundMs || ahead <= -roundMs) return undefined;
    const period = new VotingPeriod({
      ...{ key, authorities, validAfter, roundMs, clock },
      sendToAll: (message) => {
        for (const other of this.#others) peers.send(other, message);
      },
      fetchDescriptors: (from, digests) => peers.descriptors(from, digests),
    });
    this.#periods.set(validAfter, period);
    return period;
  }

  /** Takes the newest that the others have: ours may be the one that is out-voted, late, or just started. */
  async #catchUp(): Promise<void> {
    await Promise.all(
      this.#others.map(async (id) => {
        const consensus = await this.#options.peers.consensus(id).catch(() => undefined);
        if (consensus !== undefined && !this.#isClosed) await this.#adopt(consensus, []);
      }),
    );
  }

  /** @returns whether it is the newest, new, and signed by more than half. */
  async #adopt(bytes: Uint8Array, votes: readonly AcceptedVote[]): Promise<boolean> {
    const { authorities, clock, log, publish } = this.#options;
    try {
      const consensus = await verifyConsensus(bytes, { authorities, now: clock.now(), newest: this.#newest });
      if (consensus.validAfter <= (this.#newest?.validAfter ?? -1)) return false;
      this.#newest = consensus;
    } catch (thrown) {
      log.info("a consensus was refused", { reason: toTaborError(thrown, "directory", "consensus").message });
      return false;
    }
    publish(
      bytes,
      votes.map(({ vote }) => encodeVote(vote)),
    );
    return true;
  }

  #report(validAfter: number, result: PeriodResult, isPublished: boolean): void {
    const { log, reported } = this.#options;
    const { votes, signed, faults, problem } = result;
    const isAdopted = this.#newest?.validAfter === validAfter;
    const outcome = isPublished ? "published" : isAdopted ? "adopted" : "failed";
    this.#tellFaults(faults);
    const told = { signed: signed.map(shortId).join(" "), reason: problem?.message ?? "too few signatures" };
    if (outcome === "failed") log.error("no consensus in this period", told);
    const voted = votes.map(({ authority }) => authority);
    reported?.({ validAfter, outcome, voted, signed, faults });
  }

  /** By name, when one begins and when it ends: one that is away for a day makes two lines. */
  #tellFaults(faults: readonly FaultyAuthority[]): void {
    const { log, authorities } = this.#options;
    for (const authority of authorities) {
      const found = faults.filter((faulty) => faulty.authority === authority).map(({ fault }) => fault);
      const fault = found.join(", ");
      if (fault === (this.#told.get(authority) ?? "")) continue;
      this.#told.set(authority, fault);
      if (fault === "") log.info("an authority is well again", { authority });
      else log.warn("an authority is at fault", { authority, fault });
    }
  }
}
