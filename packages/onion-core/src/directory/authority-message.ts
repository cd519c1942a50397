/**
 * What authorities send each other (SPEC §8.4). Everything in it is signed by whom it speaks of, so it does not matter who brings it.
 *
 * vote       `01 | m u8 | (authority (32) | signature (64)) × m | vote`
 * signature  `02 | valid-after u64 | digest (32) | authority (32) | signature (64)`
 */

import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { SIGNATURE_LENGTH } from "../crypto/ed25519.ts";
import { readSignatures, writeSignatures, type AuthoritySignature } from "./consensus-codec.ts";
import type { ConsensusName } from "./consensus-signatures.ts";
import { DIGEST_LENGTH } from "./digest.ts";
import { decodeVote, type Vote } from "./vote.ts";

export type AuthorityMessage = VoteMessage | SignatureMessage;

/** A vote with the signatures of those who say that they have had it in time, its voter among them. */
export interface VoteMessage {
  readonly kind: "vote";
  readonly vote: Vote;
  readonly voteBytes: Uint8Array;
  readonly signatures: readonly AuthoritySignature[];
}

/** An authority's signature over a consensus. */
export interface SignatureMessage extends ConsensusName {
  readonly kind: "signature";
  readonly signature: AuthoritySignature;
}

const VOTE = 1;
const SIGNATURE = 2;

export function encodeVoteMessage(
  voteBytes: Uint8Array,
  signatures: readonly AuthoritySignature[],
): Uint8Array {
  const writer = new Writer(2 + signatures.length * (32 + SIGNATURE_LENGTH) + voteBytes.length).u8(VOTE);
  writeSignatures(writer, signatures);
  return writer.bytes(voteBytes).finish();
}

export function encodeSignatureMessage(
  { validAfter, digest }: ConsensusName,
  { authority, signature }: AuthoritySignature,
): Uint8Array {
  return new Writer().u8(SIGNATURE).u64(validAfter).bytes(digest).bytes(authority).bytes(signature).finish();
}

/** @throws malformed. */
export function decodeAuthorityMessage(bytes: Uint8Array): AuthorityMessage {
  const reader = new Reader(bytes, "message of an authority");
  switch (reader.u8()) {
    case VOTE:
      return readVoteMessage(reader);
    case SIGNATURE:
      return readSignatureMessage(reader);
    default:
      throw reader.malformed("unknown kind");
  }
}

function readVoteMessage(reader: Reader): VoteMessage {
  const signatures = readSignatures(reader);
  const voteBytes = reader.rest().slice();
  return { kind: "vote", vote: decodeVote(voteBytes), voteBytes, signatures };
}

function readSignatureMessage(reader: Reader): SignatureMessage {
  const name = { validAfter: reader.u64(), digest: reader.bytes(DIGEST_LENGTH).slice() };
  const authority = reader.bytes(32).slice();
  const signature = { authority, signature: reader.bytes(SIGNATURE_LENGTH).slice() };
  reader.finish();
  return { kind: "signature", ...name, signature };
}
