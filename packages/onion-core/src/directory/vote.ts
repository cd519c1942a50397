/**
 * What one authority says of the relays that it sees (SPEC §8.4):
 *
 * `version u8 = 1 | authority (32) | valid-after u64 | previous (32) | i u8 | (from u64 | until u64 | modulus (256)) × i
 *   | n u32 | (identity (32) | descriptor (32) | flags u16 | weight u32 | measured u32 | bytes8 network) × n`
 */

import { ascii, concat } from "../bytes/bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { relayId, relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import type { RelayFlag } from "./consensus.ts";
import { DIGEST_LENGTH } from "./digest.ts";
import { flagBits, readFlags } from "./flag-bits.ts";
import { readNetwork } from "./network.ts";
import { isRising } from "./rising.ts";
import { readIssuerKeys, writeIssuerKeys, type IssuerKey } from "./token-issuer.ts";

/** One relay, as an authority sees it. */
export interface VotedRelay {
  readonly identity: RelayId;
  /** SHA-256 of its descriptor, 32 bytes. */
  readonly digest: Uint8Array;
  readonly flags: ReadonlySet<RelayFlag>;
  /** KiB/s that the authority would give it if nobody had measured it. */
  readonly weight: number;
  /** KiB/s that the authority has measured, within the caps, 0…2^32−2, if it has. */
  readonly measured: number | undefined;
  readonly network: Uint8Array;
}

export interface Vote {
  readonly authority: RelayId;
  /** When the consensus begins to be valid that the vote is for: it names the period. Milliseconds since the Unix epoch. */
  readonly validAfter: number;
  /** The digest of the newest consensus that the authority knows, zeros for none. 32 bytes. */
  readonly previous: Uint8Array;
  /** The authority's own, by time; none in a network that is open. */
  readonly issuers: readonly IssuerKey[];
  /** By identity, strictly increasing as bytes. */
  readonly relays: readonly VotedRelay[];
}

const VERSION = 1;
const CONTEXT = ascii("tabor-vote-1");
const HEADER_LENGTH = 1 + 32 + 8 + DIGEST_LENGTH + 4;
const MAX_ENTRY_LENGTH = 2 * 32 + 2 + 4 + 4 + 5;
const NOT_MEASURED = 0xffff_ffff;

/** @throws usage if the relays are not strictly increasing by identity, or a field does not fit. */
export function encodeVote({ authority, validAfter, previous, issuers, relays }: Vote): Uint8Array {
  if (!isRising(relays.map(identityOf))) throw usage("the relays of a vote are ordered by identity");
  const writer = new Writer(HEADER_LENGTH + relays.length * MAX_ENTRY_LENGTH)
    .u8(VERSION)
    .bytes(relayIdToBytes(authority))
    .u64(validAfter)
    .bytes(digest32(previous));
  writeIssuerKeys(writer, issuers);
  writer.u32(relays.length);
  for (const relay of relays) {
    writer
      .bytes(identityOf(relay))
      .bytes(digest32(relay.digest))
      .u16(flagBits(relay.flags))
      .u32(relay.weight)
      .u32(relay.measured ?? NOT_MEASURED)
      .bytes8(relay.network);
  }
  return writer.finish();
}

/** @throws malformed. */
export function decodeVote(bytes: Uint8Array): Vote {
  const reader = new Reader(bytes, "vote");
  if (reader.u8() !== VERSION) throw reader.malformed("unknown version");
  const header = {
    authority: relayId(reader.bytes(32)),
    validAfter: reader.u64(),
    previous: reader.bytes(DIGEST_LENGTH).slice(),
    issuers: readIssuerKeys(reader),
  };
  const relays: VotedRelay[] = [];
  for (let n = reader.u32(); n > 0; n--) relays.push(readRelay(reader));
  reader.finish();
  if (!isRising(relays.map(identityOf))) throw reader.malformed("relays not strictly increasing");
  return { ...header, relays };
}

/** What names a vote: who, for when, and which. */
export interface VoteName {
  readonly authority: RelayId;
  readonly validAfter: number;
  /** SHA-256 of the vote, 32 bytes. */
  readonly digest: Uint8Array;
}

/** What the voter signs, and after it everyone who passes the vote on. Two of a voter for one time are proof against it. */
export function voteStatement({ authority, validAfter, digest }: VoteName): Uint8Array {
  const time = new Writer(8).u64(validAfter).finish();
  return concat(CONTEXT, relayIdToBytes(authority), time, digest);
}

function readRelay(reader: Reader): VotedRelay {
  const relay = {
    identity: relayId(reader.bytes(32)),
    digest: reader.bytes(DIGEST_LENGTH).slice(),
    flags: readFlags(reader),
    weight: reader.u32(),
  };
  const measured = reader.u32();
  const network = readNetwork(reader);
  return { ...relay, measured: measured === NOT_MEASURED ? undefined : measured, network };
}

function identityOf({ identity }: VotedRelay): Uint8Array {
  return relayIdToBytes(identity);
}

function digest32(digest: Uint8Array): Uint8Array {
  if (digest.length !== DIGEST_LENGTH) throw usage("a digest has 32 bytes");
  return digest;
}

function usage(why: string): TaborError {
  return new TaborError("usage", "here", why);
}
