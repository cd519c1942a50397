/**
 * What an authority says of the relays that are joined: pure, so that it can be judged by its tests. All it knows
 * of a relay is its descriptor, which the relay wrote itself, the address it was seen at, and since when.
 */

import { compareBytes } from "../bytes/compare.ts";
import { relayIdToBytes } from "../crypto/ids.ts";
import {
  computeBandwidthWeights,
  UNWEIGHTED,
  type BandwidthWeights,
  type KindSums,
} from "./bandwidth-weights.ts";
import { encodeConsensusBody, type UnsignedConsensus } from "./consensus-codec.ts";
import { consensusDigest } from "./consensus-signatures.ts";
import type { RelayEntry } from "./consensus.ts";
import { DESCRIPTOR_LIFETIME_MS } from "./descriptor.ts";
import { parseIpAddress } from "./ip-network.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import { carriedIpv4, isGlobalUnicast } from "./private-ranges.ts";
import { relayKind } from "./position-weight.ts";
import { assessRelays } from "./relay-flags.ts";

export interface ConsensusInput {
  /** At most one per identity, in any order; those whose descriptor has expired are left out. */
  readonly relays: readonly JoinedRelay[];
  /** The consensus before this one. */
  readonly predecessor?: UnsignedConsensus | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** SPEC §8.2: fresh for 2 minutes, valid for 10. */
export const FRESH_MS = 2 * 60_000;
export const VALID_MS = 10 * 60_000;

/** The next consensus, to be signed (`signConsensus`). It is later than its predecessor even if the clock is not. */
export async function buildConsensus({
  relays,
  predecessor,
  now,
}: ConsensusInput): Promise<UnsignedConsensus> {
  const validAfter = Math.max(now, (predecessor?.content.validAfter ?? -1) + 1);
  const entries = buildEntries(relays, now);
  const content = {
    validAfter,
    freshUntil: validAfter + FRESH_MS,
    validUntil: validAfter + VALID_MS,
    previous: predecessor ? await consensusDigest(predecessor.body) : new Uint8Array(32),
    weights: bandwidthWeights(entries),
    relays: entries,
  };
  return { content, body: encodeConsensusBody(content) };
}

/**
 * The network of an address (SPEC §8.2): 2 bytes of a public IPv4 address, also of one that an IPv6 address carries; 4 bytes of
 * a public IPv6 address; empty for others, and for text that is no address.
 */
export function networkOf(address: string): Uint8Array {
  const bytes = parseIpAddress(address);
  if (!bytes || !isGlobalUnicast(bytes)) return new Uint8Array(0);
  const visible = carriedIpv4(bytes) ?? bytes;
  return visible.slice(0, visible.length === 4 ? 2 : 4);
}

function buildEntries(relays: readonly JoinedRelay[], now: number): readonly RelayEntry[] {
  const current = relays.filter(({ descriptor }) => now < descriptor.published + DESCRIPTOR_LIFETIME_MS);
  const identity = ({ descriptor }: JoinedRelay): Uint8Array => relayIdToBytes(descriptor.identity);
  const ordered = current
    .map((relay) => ({ relay, key: identity(relay) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ relay }) => relay);
  const assess = assessRelays(ordered, now);
  return ordered.map((relay) => ({
    descriptor: relay.descriptor,
    descriptorBytes: relay.descriptorBytes,
    ...assess(relay),
    network: networkOf(relay.address),
  }));
}

function bandwidthWeights(entries: readonly RelayEntry[]): BandwidthWeights {
  const sums: { -readonly [Kind in keyof KindSums]: number } = { G: 1, M: 1, E: 1, D: 1 };
  for (const { flags, weight } of entries) sums[relayKind(flags)] += weight;
  return computeBandwidthWeights(sums) ?? UNWEIGHTED;
}
