import type { RelayId } from "../crypto/ids.ts";
import { bytesToBase64Url } from "../bytes/base64url.ts";
import { castVote } from "./cast-vote.ts";
import type { UnsignedConsensus } from "./consensus-codec.ts";
import { consensusDigest } from "./consensus-signatures.ts";
import { descriptorDigest, documentDigest } from "./digest.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import type { IssuerKey } from "./token-issuer.ts";
import { consensusFromVotes, selectRelays } from "./tally.ts";
import { encodeVote } from "./vote.ts";

export interface ConsensusInput {
  readonly authority: RelayId;
  /** At most one per identity, in any order; those whose descriptor has expired are left out. */
  readonly relays: readonly JoinedRelay[];
  /** Its own, by time. */
  readonly issuers?: readonly IssuerKey[] | undefined;
  /** The consensus before this one. */
  readonly predecessor?: UnsignedConsensus | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface SoleConsensus extends UnsignedConsensus {
  /** The vote that it was computed from. */
  readonly voteBytes: Uint8Array;
}

/**
 * The next consensus of a network with one authority: its own vote, counted. To be signed (`signConsensus`). It is later than its
 * predecessor even if the clock is not.
 */
export async function buildConsensus(input: ConsensusInput): Promise<SoleConsensus> {
  const { authority, relays, issuers, predecessor, now } = input;
  const validAfter = Math.max(now, (predecessor?.content.validAfter ?? -1) + 1);
  const previous = predecessor ? await consensusDigest(predecessor.body) : new Uint8Array(32);
  const vote = castVote({ authority, relays, previous, issuers, validAfter, now });
  const voteBytes = encodeVote(vote);
  const digest = await documentDigest(voteBytes);
  const known = new Map(
    relays.map((relay) => [bytesToBase64Url(descriptorDigest(relay.descriptorBytes)), relay]),
  );
  const consensus = consensusFromVotes({
    validAfter,
    votes: [{ authority, digest, vote }],
    selection: selectRelays([vote], 1),
    descriptorOf: (wanted) => known.get(bytesToBase64Url(wanted)),
  });
  return { ...consensus, voteBytes };
}
