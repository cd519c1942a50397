/** One period of an authority (SPEC §8.4): vote, agree on the votes, compute, sign, collect signatures. */

import { bytesToBase64Url } from "../bytes/base64url.ts";
import { compareBytes } from "../bytes/compare.ts";
import { relayId, type RelayId } from "../crypto/ids.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { encodeSignatureMessage, type AuthorityMessage } from "./authority-message.ts";
import { faultsOf, type FaultyAuthority } from "./authority-report.ts";
import { castVote } from "./cast-vote.ts";
import { encodeConsensus } from "./consensus-codec.ts";
import { consensusDigest, signDetached } from "./consensus-signatures.ts";
import { decodeDescriptor, verifyDescriptor } from "./descriptor.ts";
import { descriptorDigest } from "./digest.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import { SignatureBox } from "./signature-box.ts";
import type { IssuerKey } from "./token-issuer.ts";
import {
  consensusFromVotes,
  selectRelays,
  type AcceptedVote,
  type KnownDescriptor,
  type SelectedRelay,
} from "./tally.ts";
import { roundsFor, VoteAgreement, type AgreementOptions } from "./vote-agreement.ts";

export interface PeriodOptions extends AgreementOptions {
  /** Milliseconds in which a message of an honest authority reaches every other, differences of clocks included. */
  readonly roundMs: number;
  readonly clock: Clock;
  readonly sendToAll: (message: Uint8Array) => void;
  /** Asks another authority for descriptors by their digests; may fail, or bring too few or wrong ones. */
  readonly fetchDescriptors: (
    from: RelayId,
    digests: readonly Uint8Array[],
  ) => Promise<readonly Uint8Array[]>;
}

/** What an authority votes with. */
export interface Seen {
  readonly relays: readonly JoinedRelay[];
  /** The digest of the newest consensus that is known, zeros for none. */
  readonly previous: Uint8Array;
  /** Our own for tokens, by time. */
  readonly issuers?: readonly IssuerKey[] | undefined;
}

export interface PeriodResult {
  /** With the signatures of more than half, if there were as many. */
  readonly consensus: Uint8Array | undefined;
  /** What was counted. */
  readonly votes: readonly AcceptedVote[];
  readonly signed: readonly RelayId[];
  readonly faults: readonly FaultyAuthority[];
  /** Why we signed nothing. */
  readonly problem: TaborError | undefined;
}

/** From the beginning of a period to the end of its last wait, in rounds: agreement, descriptors, signatures. */
export function roundsOfPeriod(authorities: number): number {
  return roundsFor(authorities) + 2;
}

export class VotingPeriod {
  readonly #options: PeriodOptions;
  readonly #agreement: VoteAgreement;
  readonly #box: SignatureBox;
  #signed: { readonly body: Uint8Array; readonly digest: Uint8Array } | undefined;
  #whenAllSigned: () => void = () => undefined;

  constructor(options: PeriodOptions) {
    this.#options = options;
    this.#agreement = new VoteAgreement(options);
    this.#box = new SignatureBox(options.authorities, options.validAfter);
  }

  /** What others send for this period, also before `run`: their clocks may be ahead. */
  async receive(message: AuthorityMessage): Promise<void> {
    switch (message.kind) {
      case "vote":
        return this.#receiveVote(message);
      case "signature":
        await this.#box.add(message);
        if (this.#haveAllSigned()) this.#whenAllSigned();
    }
  }

  /** To be called when the period begins. Never rejects. */
  async run({ relays, previous, issuers }: Seen): Promise<PeriodResult> {
    const { clock, key, authorities, validAfter, sendToAll } = this.#options;
    const vote = castVote({ authority: key.id, relays, previous, issuers, validAfter, now: clock.now() });
    sendToAll(await this.#agreement.cast(vote));
    const rounds = roundsFor(authorities.length);
    await this.#until(rounds);
    const outcome = this.#agreement.outcome();
    const problem = await this.#sign(outcome.votes, relays);
    await this.#until(rounds + 2, (done) => {
      this.#whenAllSigned = done;
      if (this.#haveAllSigned()) done();
    });
    const { body, digest } = this.#signed ?? {};
    const signatures = digest === undefined ? [] : this.#box.over(digest);
    const isEnough = body !== undefined && 2 * signatures.length > authorities.length;
    return {
      consensus: isEnough ? encodeConsensus(body, signatures) : undefined,
      votes: outcome.votes,
      signed: signatures.map(({ authority }) => relayId(authority)),
      faults: faultsOf(outcome, this.#box, digest),
      problem,
    };
  }

  async #receiveVote(message: AuthorityMessage & { kind: "vote" }): Promise<void> {
    const { clock, validAfter, roundMs, authorities, sendToAll } = this.#options;
    const round = Math.max(1, Math.floor((clock.now() - validAfter) / roundMs) + 1);
    if (round > roundsFor(authorities.length)) return;
    const passedOn = await this.#agreement.receive(message, round);
    if (passedOn !== undefined) sendToAll(passedOn);
  }

  /** @returns why nothing was signed. */
  async #sign(
    votes: readonly AcceptedVote[],
    relays: readonly JoinedRelay[],
  ): Promise<TaborError | undefined> {
    const { key, validAfter, authorities, sendToAll } = this.#options;
    try {
      if (2 * votes.length <= authorities.length) throw unable("too few votes");
      const selection = selectRelays(
        votes.map(({ vote }) => vote),
        authorities.length,
      );
      const known = await this.#descriptors(votes, selection, relays);
      const descriptorOf = (digest: Uint8Array): KnownDescriptor | undefined =>
        known.get(bytesToBase64Url(digest));
      const { body } = consensusFromVotes({ validAfter, votes, selection, descriptorOf });
      const digest = await consensusDigest(body);
      const name = { validAfter, digest };
      const signature = await signDetached(name, key);
      this.#signed = { body, digest };
      sendToAll(encodeSignatureMessage(name, signature));
      await this.#box.add({ kind: "signature", ...name, signature });
      return undefined;
    } catch (thrown) {
      return toTaborError(thrown, "directory", "computing the consensus");
    }
  }

  /** Our own, and what we lack from those who voted for it: one of them at least is honest, and has it. */
  async #descriptors(
    votes: readonly AcceptedVote[],
    selection: readonly SelectedRelay[],
    relays: readonly JoinedRelay[],
  ): Promise<ReadonlyMap<string, KnownDescriptor>> {
    const known = new Map<string, KnownDescriptor>();
    for (const relay of relays) known.set(bytesToBase64Url(descriptorDigest(relay.descriptorBytes)), relay);
    const missing = selection.filter(({ digest }) => !known.has(bytesToBase64Url(digest)));
    if (missing.length === 0) return known;
    const asked = votes.map(({ authority, vote }) => this.#ask(authority, namedIn(vote, missing), known));
    const { authorities } = this.#options;
    const isComplete = (): boolean => missing.every(({ digest }) => known.has(bytesToBase64Url(digest)));
    await this.#until(roundsFor(authorities.length) + 1, (done) => {
      for (const answer of asked) void answer.then(() => isComplete() && done());
      void Promise.all(asked).then(done);
    });
    if (!isComplete()) throw unable("descriptors could not be had in time");
    return known;
  }

  async #ask(
    from: RelayId,
    digests: readonly Uint8Array[],
    known: Map<string, KnownDescriptor>,
  ): Promise<void> {
    if (from === this.#options.key.id || digests.length === 0) return;
    const wanted = new Set(digests.map(bytesToBase64Url));
    try {
      for (const descriptorBytes of await this.#options.fetchDescriptors(from, digests)) {
        const digest = bytesToBase64Url(descriptorDigest(descriptorBytes));
        if (!wanted.has(digest)) continue;
        known.set(digest, { descriptorBytes, descriptor: await authentic(descriptorBytes) });
      }
    } catch {
      // Whoever brings nothing, or rubbish, is one of several who were asked.
    }
  }

  #haveAllSigned(): boolean {
    const { authorities } = this.#options;
    const digest = this.#signed?.digest;
    return digest !== undefined && this.#box.over(digest).length === authorities.length;
  }

  /** Waits for the end of a round, or until it is told that there is nothing more to wait for. */
  #until(round: number, sooner?: (done: () => void) => void): Promise<void> {
    const { clock, validAfter, roundMs } = this.#options;
    return new Promise((resolve) => {
      const cancel = clock.after(Math.max(0, validAfter + round * roundMs - clock.now()), resolve);
      sooner?.(() => {
        cancel();
        resolve();
      });
    });
  }
}

function namedIn(vote: AcceptedVote["vote"], missing: readonly SelectedRelay[]): readonly Uint8Array[] {
  const digests = new Map(vote.relays.map(({ identity, digest }) => [identity, digest]));
  return missing.flatMap(({ identity, digest }) => {
    const own = digests.get(identity);
    return own !== undefined && compareBytes(own, digest) === 0 ? [digest] : [];
  });
}

/** Whether it is still young enough is for those to say who voted for it. */
function authentic(descriptorBytes: Uint8Array): Promise<KnownDescriptor["descriptor"]> {
  return verifyDescriptor(descriptorBytes, decodeDescriptor(descriptorBytes).published);
}

function unable(why: string): TaborError {
  return new TaborError("unreachable", "directory", why);
}
