/**
 * The bytes of a consensus (SPEC §8.2): a *body*, which authorities sign and hash, then the signatures.
 *
 * body: `version u8 = 2 | valid-after u64 | fresh-until u64 | valid-until u64 | previous (32) | weights u16 × 7
 *   | k u8 | (authority (32) | vote (32)) × k | i u8 | (authority (32) | from u64 | until u64 | modulus (256)) × i
 *   | n u32 | (flags u16 | weight u32 | bytes8 network | bytes16 descriptor) × n`
 */

import { compareBytes } from "../bytes/compare.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { SIGNATURE_LENGTH } from "../crypto/ed25519.ts";
import { relayId, relayIdToBytes } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import { WEIGHT_SCALE, type BandwidthWeights } from "./bandwidth-weights.ts";
import type { ConsensusContent, ConsensusHeader, CountedVote, RelayEntry } from "./consensus.ts";
import { decodeDescriptor } from "./descriptor.ts";
import { DIGEST_LENGTH } from "./digest.ts";
import { flagBits, readFlags } from "./flag-bits.ts";
import { readNetwork } from "./network.ts";
import { isRising } from "./rising.ts";
import { readIssuers, writeIssuers } from "./token-issuer.ts";

/** An authority's signature, not yet checked. */
export interface AuthoritySignature {
  /** 32 bytes. */
  readonly authority: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** What an authority is about to sign. */
export interface UnsignedConsensus {
  readonly content: ConsensusContent;
  /** `encodeConsensusBody(content)`. */
  readonly body: Uint8Array;
}

/** A consensus in its right form; nothing has been checked of signatures and time. */
export interface UnverifiedConsensus extends UnsignedConsensus {
  readonly signatures: readonly AuthoritySignature[];
}

const VERSION = 2;
/** Of a header without votes and issuers: version, times, digest, weights, and how many there are of both. */
const HEADER_LENGTH = 1 + 3 * 8 + DIGEST_LENGTH + 7 * 2 + 1 + 1;
const VOTE_LENGTH = 32 + DIGEST_LENGTH;

/** @throws usage if the relays are not strictly increasing by identity, or a field does not fit. */
export function encodeConsensusBody(content: ConsensusContent): Uint8Array {
  const { relays, votes } = content;
  if (!isRising(relays.map(identityOf))) throw usage("the relays of a consensus are ordered by identity");
  const entries = relays.reduce((sum, relay) => sum + entryLength(relay), 0);
  const writer = new Writer(HEADER_LENGTH + votes.length * VOTE_LENGTH + 4 + entries);
  writeHeader(writer, content);
  writeEntries(writer, relays);
  return writer.finish();
}

/** Body and signatures together. @throws usage for two signatures of one authority, or more than 255. */
export function encodeConsensus(body: Uint8Array, signatures: readonly AuthoritySignature[]): Uint8Array {
  const writer = new Writer(body.length + 1 + signatures.length * (32 + SIGNATURE_LENGTH)).bytes(body);
  writeSignatures(writer, signatures);
  return writer.finish();
}

/** @throws malformed. */
export function decodeConsensus(bytes: Uint8Array): UnverifiedConsensus {
  const reader = new Reader(bytes, "consensus");
  const content = { ...readHeader(reader), relays: readEntries(reader) };
  const body = bytes.subarray(0, bytes.length - reader.remaining);
  const signatures = readSignatures(reader);
  reader.finish();
  return { body, content, signatures };
}

/** All that precedes the number of relays. @throws usage. */
export function writeHeader(writer: Writer, header: ConsensusHeader): void {
  const { weights, votes } = header;
  if (header.previous.length !== DIGEST_LENGTH) throw usage("a digest has 32 bytes");
  writer
    .u8(VERSION)
    .u64(header.validAfter)
    .u64(header.freshUntil)
    .u64(header.validUntil)
    .bytes(header.previous);
  const { Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed } = weights;
  for (const weight of [Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed]) writer.u16(weight);
  if (!isRising(votes.map(authorityOf))) throw usage("the votes of a consensus are ordered by authority");
  writer.u8(votes.length);
  for (const { authority, digest } of votes) writer.bytes(relayIdToBytes(authority)).bytes(digest);
  writeIssuers(writer, header.issuers);
}

/** @throws malformed. */
export function readHeader(reader: Reader): ConsensusHeader {
  if (reader.u8() !== VERSION) throw reader.malformed("unknown version");
  const header = {
    validAfter: reader.u64(),
    freshUntil: reader.u64(),
    validUntil: reader.u64(),
    previous: reader.bytes(DIGEST_LENGTH).slice(),
    weights: readWeights(reader),
    votes: readVotes(reader),
    issuers: readIssuers(reader),
  };
  const { validAfter, freshUntil, validUntil } = header;
  if (!(validAfter < freshUntil && freshUntil <= validUntil)) throw reader.malformed("times out of order");
  return header;
}

/** Their number, then each. */
export function writeEntries(writer: Writer, relays: readonly RelayEntry[]): void {
  writer.u32(relays.length);
  for (const relay of relays) {
    writer.u16(flagBits(relay.flags)).u32(relay.weight).bytes8(relay.network).bytes16(relay.descriptorBytes);
  }
}

/**
 * Memory stays in proportion to the bytes that came, whatever their number claims: each entry is read before it is kept.
 * @throws malformed, also if they do not rise.
 */
export function readEntries(reader: Reader): readonly RelayEntry[] {
  const relays: RelayEntry[] = [];
  for (let n = reader.u32(); n > 0; n--) relays.push(readEntry(reader));
  if (!isRising(relays.map(identityOf))) throw reader.malformed("relays not strictly increasing");
  return relays;
}

/** Their number, then each, by authority. @throws usage for two of one authority, or more than 255. */
export function writeSignatures(writer: Writer, signatures: readonly AuthoritySignature[]): void {
  const ordered = [...signatures].sort((a, b) => compareBytes(a.authority, b.authority));
  if (!isRising(ordered.map(({ authority }) => authority))) throw usage("an authority signs once");
  writer.u8(ordered.length);
  for (const { authority, signature } of ordered) writer.bytes(authority).bytes(signature);
}

/** Copies. @throws malformed, also if they do not rise by authority. */
export function readSignatures(reader: Reader): readonly AuthoritySignature[] {
  const signatures: AuthoritySignature[] = [];
  for (let m = reader.u8(); m > 0; m--) {
    const authority = reader.bytes(32).slice();
    signatures.push({ authority, signature: reader.bytes(SIGNATURE_LENGTH).slice() });
  }
  if (!isRising(signatures.map(({ authority }) => authority))) {
    throw reader.malformed("signatures not strictly increasing");
  }
  return signatures;
}

export function identityOf(relay: RelayEntry): Uint8Array {
  return relayIdToBytes(relay.descriptor.identity);
}

function readWeights(reader: Reader): BandwidthWeights {
  const weight = (): number => {
    const value = reader.u16();
    if (value > WEIGHT_SCALE) throw reader.malformed("bandwidth weight above 10000");
    return value;
  };
  return {
    Wgg: weight(),
    Wgd: weight(),
    Wmg: weight(),
    Wmd: weight(),
    Wme: weight(),
    Wee: weight(),
    Wed: weight(),
  };
}

function readVotes(reader: Reader): readonly CountedVote[] {
  const votes: CountedVote[] = [];
  for (let k = reader.u8(); k > 0; k--) {
    const authority = relayId(reader.bytes(32));
    votes.push({ authority, digest: reader.bytes(DIGEST_LENGTH).slice() });
  }
  if (!isRising(votes.map(authorityOf))) throw reader.malformed("votes not strictly increasing");
  return votes;
}

function readEntry(reader: Reader): RelayEntry {
  const flags = readFlags(reader);
  const weight = reader.u32();
  const network = readNetwork(reader);
  const descriptorBytes = reader.bytes16().slice();
  return { descriptor: decodeDescriptor(descriptorBytes), descriptorBytes, flags, weight, network };
}

function entryLength({ network, descriptorBytes }: RelayEntry): number {
  return 2 + 4 + 1 + network.length + 2 + descriptorBytes.length;
}

function authorityOf({ authority }: CountedVote): Uint8Array {
  return relayIdToBytes(authority);
}

function usage(why: string): TaborError {
  return new TaborError("usage", "here", why);
}
