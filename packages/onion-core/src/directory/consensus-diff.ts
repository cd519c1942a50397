/**
 * What changed from one consensus to the next (SPEC §8.5), for those who have the one before:
 *
 * `version u8 = 1 | base (32) | result (32) | header of the result
 *   | r u32 | index u32 × r                                                  relays of the base that are gone
 *   | c u32 | (index u32 | flags u16 | weight u32 | bytes8 network) × c      said otherwise, with the same descriptor
 *   | a u32 | entry × a                                                      new, or with a new descriptor
 *   | m u8 | (authority (32) | signature (64)) × m`
 */

import { compareBytes } from "../bytes/compare.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import {
  encodeConsensusBody,
  identityOf,
  readEntries,
  readHeader,
  readSignatures,
  writeEntries,
  writeHeader,
  writeSignatures,
  type UnverifiedConsensus,
} from "./consensus-codec.ts";
import { verifyDecoded, type ConsensusTrust } from "./consensus-signatures.ts";
import type { Consensus, ConsensusContent, RelayEntry } from "./consensus.ts";
import { DIGEST_LENGTH, documentDigest } from "./digest.ts";
import { flagBits, readFlags } from "./flag-bits.ts";
import { readNetwork } from "./network.ts";

/** One of the two documents that a difference lies between. */
export interface DigestedConsensus {
  readonly content: ConsensusContent;
  /** `consensusDigest` of its body. */
  readonly digest: Uint8Array;
}

type Said = Pick<RelayEntry, "flags" | "weight" | "network">;

/** The relays of two consensuses, sorted apart by a walk along both. */
interface RelayChanges {
  /** Positions in the base, rising. */
  readonly gone: readonly number[];
  readonly changed: ReadonlyMap<number, Said>;
  /** By identity, rising. */
  readonly added: readonly RelayEntry[];
}

const VERSION = 1;

/** @param signatures those of the result. */
export function encodeConsensusDiff(
  base: DigestedConsensus,
  result: DigestedConsensus & Pick<UnverifiedConsensus, "signatures">,
): Uint8Array {
  const { gone, changed, added } = compareRelays(base.content.relays, result.content.relays);
  const writer = new Writer(4096).u8(VERSION).bytes(base.digest).bytes(result.digest);
  writeHeader(writer, result.content);
  writer.u32(gone.length);
  for (const index of gone) writer.u32(index);
  writer.u32(changed.size);
  for (const [index, { flags, weight, network }] of changed) {
    writer.u32(index).u16(flagBits(flags)).u32(weight).bytes8(network);
  }
  writeEntries(writer, added);
  writeSignatures(writer, result.signatures);
  return writer.finish();
}

/**
 * The consensus that a difference leads to, verified as if it had come whole.
 * @throws malformed, also if it is not for `base` or leads elsewhere than it says; and what `verifyConsensus` throws.
 */
export async function verifyConsensusDiff(
  bytes: Uint8Array,
  base: Consensus,
  trust: ConsensusTrust,
): Promise<Consensus> {
  const reader = new Reader(bytes, "difference of consensuses");
  const ends = readEnds(reader);
  if (compareBytes(ends.base, base.digest) !== 0) throw reader.malformed("for another consensus");
  const header = readHeader(reader);
  const relays = patched(base.relays, readChanges(reader, base.relays.length), reader);
  const signatures = readSignatures(reader);
  reader.finish();
  const content = { ...header, relays };
  const body = encodeConsensusBody(content);
  if (compareBytes(await documentDigest(body), ends.result) !== 0) throw reader.malformed("leads elsewhere");
  return verifyDecoded({ content, body, signatures }, trust);
}

/**
 * Between which two consensuses a difference lies, by the digests of their bodies.
 * @throws malformed.
 */
export function diffEnds(bytes: Uint8Array): { readonly base: Uint8Array; readonly result: Uint8Array } {
  return readEnds(new Reader(bytes, "difference of consensuses"));
}

function readEnds(reader: Reader): { readonly base: Uint8Array; readonly result: Uint8Array } {
  if (reader.u8() !== VERSION) throw reader.malformed("unknown version");
  return { base: reader.bytes(DIGEST_LENGTH), result: reader.bytes(DIGEST_LENGTH) };
}

/** What is between two lists that both rise by identity. */
function compareRelays(before: readonly RelayEntry[], after: readonly RelayEntry[]): RelayChanges {
  const gone: number[] = [];
  const changed = new Map<number, Said>();
  const added: RelayEntry[] = [];
  const later = new Map(after.map((entry) => [entry.descriptor.identity, entry]));
  before.forEach((entry, index) => {
    const now = later.get(entry.descriptor.identity);
    if (now === undefined || compareBytes(now.descriptorBytes, entry.descriptorBytes) !== 0) {
      gone.push(index);
      return;
    }
    later.delete(entry.descriptor.identity);
    if (!saysTheSame(entry, now)) changed.set(index, now);
  });
  for (const entry of after) if (later.has(entry.descriptor.identity)) added.push(entry);
  return { gone, changed, added };
}

function saysTheSame(a: Said, b: Said): boolean {
  return (
    a.weight === b.weight &&
    flagBits(a.flags) === flagBits(b.flags) &&
    compareBytes(a.network, b.network) === 0
  );
}

function readChanges(reader: Reader, relays: number): RelayChanges {
  const gone: number[] = [];
  for (let r = reader.u32(); r > 0; r--) gone.push(readIndex(reader, relays, gone.at(-1)));
  const changed = new Map<number, Said>();
  let last: number | undefined;
  for (let c = reader.u32(); c > 0; c--) {
    last = readIndex(reader, relays, last);
    changed.set(last, { flags: readFlags(reader), weight: reader.u32(), network: readNetwork(reader) });
  }
  if (gone.some((index) => changed.has(index))) throw reader.malformed("a relay gone and changed");
  return { gone, changed, added: readEntries(reader) };
}

function readIndex(reader: Reader, relays: number, last = -1): number {
  const index = reader.u32();
  if (index <= last || index >= relays) throw reader.malformed("indexes must rise, and be of relays");
  return index;
}

function patched(
  before: readonly RelayEntry[],
  { gone, changed, added }: RelayChanges,
  reader: Reader,
): readonly RelayEntry[] {
  const left = new Set(gone);
  const kept = before.flatMap((entry, index) => {
    if (left.has(index)) return [];
    const said = changed.get(index);
    return [said === undefined ? entry : { ...entry, ...said }];
  });
  return merged(kept, added, reader);
}

/** Both lists rise, and so does what comes of them. */
function merged(
  kept: readonly RelayEntry[],
  added: readonly RelayEntry[],
  reader: Reader,
): readonly RelayEntry[] {
  const relays: RelayEntry[] = [];
  let next = 0;
  for (const entry of added) {
    const key = identityOf(entry);
    for (let old = kept[next]; old !== undefined; old = kept[++next]) {
      const order = compareBytes(identityOf(old), key);
      if (order === 0) throw reader.malformed("a relay twice");
      if (order > 0) break;
      relays.push(old);
    }
    relays.push(entry);
  }
  for (const old of kept.slice(next)) relays.push(old);
  return relays;
}
