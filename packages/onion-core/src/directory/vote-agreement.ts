/**
 * How all honest authorities come to count the same votes, whatever a minority of others does (SPEC §8.4): the protocol of
 * Dolev and Strong ("Authenticated Algorithms for Byzantine Agreement", SIAM J. Comput. 12(4), 1983). With n authorities it bears
 * f = ⌊(n−1)/2⌋ that lie, in f + 1 rounds.
 *
 * In round r a vote is believed only with signatures of r authorities, its voter's among them; whoever believes it signs it too and
 * passes it on. What an honest authority believes in the last round has f + 1 signatures: one of them is of another honest
 * authority, which has passed it on before. So all believe the same in the end. A voter of whom two votes are believed has voted
 * twice: neither counts, and the two signatures are the proof.
 */

import { bytesToBase64Url } from "../bytes/base64url.ts";
import { verifySignature, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, type RelayId } from "../crypto/ids.ts";
import { encodeVoteMessage, type VoteMessage } from "./authority-message.ts";
import type { AuthoritySignature } from "./consensus-codec.ts";
import { documentDigest } from "./digest.ts";
import type { AcceptedVote } from "./tally.ts";
import { encodeVote, voteStatement, type Vote, type VoteName } from "./vote.ts";

export interface AgreementOptions {
  readonly key: SigningKey;
  /** All of them, `key`'s too. */
  readonly authorities: readonly RelayId[];
  /** The period that is voted on. */
  readonly validAfter: number;
}

export interface AgreementOutcome {
  /** One of each authority that voted once, and in time. */
  readonly votes: readonly AcceptedVote[];
  readonly equivocated: readonly RelayId[];
  /** Their votes came when they could no longer be believed. */
  readonly late: readonly RelayId[];
  readonly silent: readonly RelayId[];
}

/** How many rounds n authorities need: one more than those who may lie. */
export function roundsFor(authorities: number): number {
  return Math.floor((authorities - 1) / 2) + 1;
}

/** Two votes prove that their voter votes twice; more prove nothing else, and would only cost. */
const MAX_BELIEVED = 2;

export class VoteAgreement {
  readonly #options: AgreementOptions;
  /** By voter, then by digest. */
  readonly #believed = new Map<RelayId, Map<string, AcceptedVote>>();
  readonly #late = new Set<RelayId>();

  constructor(options: AgreementOptions) {
    this.#options = options;
  }

  /** Our own vote. @returns the message to all others. */
  async cast(vote: Vote): Promise<Uint8Array> {
    const voteBytes = encodeVote(vote);
    const digest = await documentDigest(voteBytes);
    this.#believe({ authority: vote.authority, digest, vote });
    return encodeVoteMessage(voteBytes, [await this.#sign({ ...vote, digest })]);
  }

  /**
   * @param round the one in which the message came, from 1.
   * @returns what to pass on to all others at once, if there is something.
   */
  async receive(
    { vote, voteBytes, signatures }: VoteMessage,
    round: number,
  ): Promise<Uint8Array | undefined> {
    const { authority } = vote;
    const { authorities, validAfter, key } = this.#options;
    if (vote.validAfter !== validAfter || !authorities.includes(authority) || authority === key.id)
      return undefined;
    const digest = await documentDigest(voteBytes);
    if (!this.#isWanted(authority, digest)) return undefined;
    const name = { authority, validAfter, digest };
    const valid = await this.#valid(signatures, voteStatement(name));
    const signers = valid.map((signature) => relayId(signature.authority));
    if (!signers.includes(authority)) return undefined;
    if (signers.length < round) this.#late.add(authority);
    if (signers.length < round || !this.#isWanted(authority, digest)) return undefined;
    this.#believe({ authority, digest, vote });
    if (round >= roundsFor(authorities.length)) return undefined;
    return encodeVoteMessage(voteBytes, [...valid, await this.#sign(name)]);
  }

  /** After the last round. */
  outcome(): AgreementOutcome {
    const { authorities } = this.#options;
    const believed = (id: RelayId): readonly AcceptedVote[] => [...(this.#believed.get(id)?.values() ?? [])];
    const missing = authorities.filter((id) => believed(id).length === 0);
    return {
      votes: authorities.flatMap((id) => (believed(id).length === 1 ? believed(id) : [])),
      equivocated: authorities.filter((id) => believed(id).length > 1),
      late: missing.filter((id) => this.#late.has(id)),
      silent: missing.filter((id) => !this.#late.has(id)),
    };
  }

  #isWanted(authority: RelayId, digest: Uint8Array): boolean {
    const known = this.#believed.get(authority);
    return known === undefined || (known.size < MAX_BELIEVED && !known.has(bytesToBase64Url(digest)));
  }

  #believe(vote: AcceptedVote): void {
    const known = this.#believed.get(vote.authority) ?? new Map<string, AcceptedVote>();
    known.set(bytesToBase64Url(vote.digest), vote);
    this.#believed.set(vote.authority, known);
  }

  /** Of authorities other than ourselves: our own counts when we add it. */
  async #valid(
    signatures: readonly AuthoritySignature[],
    statement: Uint8Array,
  ): Promise<readonly AuthoritySignature[]> {
    const { authorities, key } = this.#options;
    const candidates = signatures.filter(({ authority }) => {
      const id = relayId(authority);
      return id !== key.id && authorities.includes(id);
    });
    const checked = candidates.map(async (candidate) =>
      (await verifySignature(candidate.authority, candidate.signature, statement)) ? [candidate] : [],
    );
    return (await Promise.all(checked)).flat();
  }

  async #sign(name: VoteName): Promise<AuthoritySignature> {
    const { key } = this.#options;
    return { authority: key.publicKey, signature: await key.sign(voteStatement(name)) };
  }
}
