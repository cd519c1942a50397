/**
 * The bytes of a consensus (SPEC §8.2): a *body*, which authorities sign and hash, then the signatures.
 *
 * body: `version u8 = 1 | valid-after u64 | fresh-until u64 | valid-until u64 | previous (32) | weights u16 × 7
 *   | n u32 | (flags u16 | weight u32 | bytes8 network | bytes16 descriptor) × n`
 */

import { compareBytes } from "../bytes/compare.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { SIGNATURE_LENGTH } from "../crypto/ed25519.ts";
import { relayIdToBytes } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import { WEIGHT_SCALE, type BandwidthWeights } from "./bandwidth-weights.ts";
import type { ConsensusContent, RelayEntry, RelayFlag } from "./consensus.ts";
import { decodeDescriptor } from "./descriptor.ts";

/** An authority's signature over a body, not yet checked. */
export interface ConsensusSignature {
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
  readonly signatures: readonly ConsensusSignature[];
}

const VERSION = 1;
const DIGEST_LENGTH = 32;
/** What precedes the relays: version, times, digest, weights, number. */
const HEADER_LENGTH = 1 + 3 * 8 + DIGEST_LENGTH + 7 * 2 + 4;
/** The flag of each bit, from the lowest. */
const FLAGS: readonly RelayFlag[] = ["Running", "Valid", "Guard", "Exit", "Stable", "Fast", "BadExit"];
const NETWORK_LENGTHS: readonly number[] = [0, 2, 4];

/** @throws usage if the relays are not strictly increasing by identity, or a field does not fit. */
export function encodeConsensusBody(content: ConsensusContent): Uint8Array {
  const { weights, relays } = content;
  if (!isRising(relays.map(identityOf))) throw usage("the relays of a consensus are ordered by identity");
  if (content.previous.length !== DIGEST_LENGTH) throw usage("a digest has 32 bytes");
  const writer = new Writer(HEADER_LENGTH + relays.reduce((sum, relay) => sum + entryLength(relay), 0))
    .u8(VERSION)
    .u64(content.validAfter)
    .u64(content.freshUntil)
    .u64(content.validUntil)
    .bytes(content.previous);
  const { Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed } = weights;
  for (const weight of [Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed]) writer.u16(weight);
  writer.u32(relays.length);
  for (const relay of relays) {
    writer.u16(flagBits(relay.flags)).u32(relay.weight).bytes8(relay.network).bytes16(relay.descriptorBytes);
  }
  return writer.finish();
}

/** Body and signatures together. @throws usage for two signatures of one authority, or more than 255. */
export function encodeConsensus(body: Uint8Array, signatures: readonly ConsensusSignature[]): Uint8Array {
  const ordered = [...signatures].sort((a, b) => compareBytes(a.authority, b.authority));
  if (!isRising(ordered.map(({ authority }) => authority))) throw usage("an authority signs once");
  const writer = new Writer(body.length + 1 + ordered.length * (32 + SIGNATURE_LENGTH));
  writer.bytes(body).u8(ordered.length);
  for (const { authority, signature } of ordered) writer.bytes(authority).bytes(signature);
  return writer.finish();
}

/** @throws malformed. */
export function decodeConsensus(bytes: Uint8Array): UnverifiedConsensus {
  const reader = new Reader(bytes, "consensus");
  const content = readContent(reader);
  const body = bytes.subarray(0, bytes.length - reader.remaining);
  const signatures: ConsensusSignature[] = [];
  for (let m = reader.u8(); m > 0; m--) {
    signatures.push({ authority: reader.bytes(32), signature: reader.bytes(SIGNATURE_LENGTH) });
  }
  reader.finish();
  if (!isRising(signatures.map(({ authority }) => authority))) {
    throw reader.malformed("signatures not strictly increasing");
  }
  return { body, content, signatures };
}

function readContent(reader: Reader): ConsensusContent {
  if (reader.u8() !== VERSION) throw reader.malformed("unknown version");
  const content = {
    validAfter: reader.u64(),
    freshUntil: reader.u64(),
    validUntil: reader.u64(),
    previous: reader.bytes(DIGEST_LENGTH).slice(),
    weights: readWeights(reader),
    relays: readRelays(reader),
  };
  const { validAfter, freshUntil, validUntil } = content;
  if (!(validAfter < freshUntil && freshUntil <= validUntil)) throw reader.malformed("times out of order");
  return content;
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

/** Memory stays in proportion to the bytes that came, whatever `n` claims: each entry is read before it is kept. */
function readRelays(reader: Reader): readonly RelayEntry[] {
  const relays: RelayEntry[] = [];
  for (let n = reader.u32(); n > 0; n--) relays.push(readRelay(reader));
  if (!isRising(relays.map(identityOf))) throw reader.malformed("relays not strictly increasing");
  return relays;
}

function readRelay(reader: Reader): RelayEntry {
  const flags = readFlags(reader);
  const weight = reader.u32();
  const network = reader.bytes8().slice();
  if (!NETWORK_LENGTHS.includes(network.length)) throw reader.malformed("network of impossible length");
  const descriptorBytes = reader.bytes16().slice();
  return { descriptor: decodeDescriptor(descriptorBytes), descriptorBytes, flags, weight, network };
}

function readFlags(reader: Reader): ReadonlySet<RelayFlag> {
  const bits = reader.u16();
  if (bits >> FLAGS.length !== 0) throw reader.malformed("unknown flag");
  return new Set(FLAGS.filter((_, bit) => (bits >> bit) & 1));
}

function entryLength({ network, descriptorBytes }: RelayEntry): number {
  return 2 + 4 + 1 + network.length + 2 + descriptorBytes.length;
}

function flagBits(flags: ReadonlySet<RelayFlag>): number {
  return FLAGS.reduce((bits, flag, bit) => (flags.has(flag) ? bits | (1 << bit) : bits), 0);
}

function identityOf(relay: RelayEntry): Uint8Array {
  return relayIdToBytes(relay.descriptor.identity);
}

function isRising(keys: readonly Uint8Array[]): boolean {
  return keys.every((key, i) => i === 0 || compareBytes(keys[i - 1] ?? key, key) < 0);
}

function usage(why: string): TaborError {
  return new TaborError("usage", "here", why);
}
