/**
 * From votes to one consensus (SPEC §8.4): whoever has the same votes computes the same bytes.
 *
 * All majorities are of *all* authorities, not of those who voted, so that silence makes nobody else's word count for more.
 * - A relay is listed if more than half name the same descriptor of it: then an honest one has seen it.
 * - A flag is set if more than half set it.
 * - The weight is the median of the measured capacities if more than half have measured the relay, otherwise that of the weights
 *   given; and where more than half measure, what they have not measured weighs next to nothing, so that nobody gains by a claim.
 * - The network is the one that most name.
 * - The predecessor is the one that most name.
 */

import { bytesToBase64Url } from "../bytes/base64url.ts";
import { compareBytes } from "../bytes/compare.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import {
  computeBandwidthWeights,
  UNWEIGHTED,
  type BandwidthWeights,
  type KindSums,
} from "./bandwidth-weights.ts";
import { encodeConsensusBody, type UnsignedConsensus } from "./consensus-codec.ts";
import type { CountedVote, RelayEntry, RelayFlag } from "./consensus.ts";
import type { Descriptor } from "./descriptor.ts";
import { RELAY_FLAGS } from "./flag-bits.ts";
import { lowerMedian } from "./lower-median.ts";
import { relayKind } from "./position-weight.ts";
import { issuersOf } from "./token-issuer.ts";
import { isMeasuring, UNMEASURED_WEIGHT } from "./unmeasured.ts";
import type { Vote, VotedRelay } from "./vote.ts";

/** A vote that was authentic, and the only one of its authority. */
export interface AcceptedVote extends CountedVote {
  readonly vote: Vote;
}

/** What the votes say together of a relay that they list. */
export interface SelectedRelay {
  readonly identity: RelayId;
  /** SHA-256 of its descriptor. */
  readonly digest: Uint8Array;
  readonly flags: ReadonlySet<RelayFlag>;
  readonly weight: number;
  readonly network: Uint8Array;
}

/** A descriptor with the bytes that its relay signed. */
export interface KnownDescriptor {
  readonly descriptor: Descriptor;
  readonly descriptorBytes: Uint8Array;
}

/** SPEC §8.2: fresh for 2 minutes, valid for 10. */
export const FRESH_MS = 2 * 60_000;
export const VALID_MS = 10 * 60_000;

/** By identity, rising. @param authorities how many there are, voters or not. */
export function selectRelays(votes: readonly Vote[], authorities: number): readonly SelectedRelay[] {
  const measuring = votes.filter(({ relays }) => isMeasuring(relays)).length;
  const most = 2 * measuring > authorities ? UNMEASURED_WEIGHT : Infinity;
  const byIdentity = new Map<RelayId, VotedRelay[]>();
  for (const { relays } of votes) {
    for (const relay of relays) {
      const listed = byIdentity.get(relay.identity);
      if (listed) listed.push(relay);
      else byIdentity.set(relay.identity, [relay]);
    }
  }
  return [...byIdentity.values()]
    .flatMap((said) => selected(said, { authorities, mostUnmeasured: most }))
    .map((relay) => ({ relay, key: relayIdToBytes(relay.identity) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ relay }) => relay);
}

export interface TallyInput {
  readonly validAfter: number;
  /** In any order, all for `validAfter`. */
  readonly votes: readonly AcceptedVote[];
  /** `selectRelays` of the same votes. */
  readonly selection: readonly SelectedRelay[];
  readonly descriptorOf: (digest: Uint8Array) => KnownDescriptor | undefined;
}

/** @throws usage if a descriptor is missing, or is another relay's. */
export function consensusFromVotes({
  validAfter,
  votes,
  selection,
  descriptorOf,
}: TallyInput): UnsignedConsensus {
  const relays = selection.map((relay) => entryOf(relay, descriptorOf(relay.digest)));
  const counted = votes
    .map(({ authority, digest }) => ({ authority, digest, key: relayIdToBytes(authority) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ authority, digest }) => ({ authority, digest }));
  const content = {
    validAfter,
    freshUntil: validAfter + FRESH_MS,
    validUntil: validAfter + VALID_MS,
    previous: mostNamed(votes.map(({ vote }) => vote.previous)),
    weights: bandwidthWeights(relays),
    votes: counted,
    issuers: issuersOf(votes.map(({ vote }) => vote)),
    relays,
  };
  return { content, body: encodeConsensusBody(content) };
}

function selected(
  said: readonly VotedRelay[],
  { authorities, mostUnmeasured }: { readonly authorities: number; readonly mostUnmeasured: number },
): readonly SelectedRelay[] {
  const isMajority = (count: number): boolean => 2 * count > authorities;
  const [first] = said;
  if (first === undefined || !isMajority(said.length)) return [];
  const digest = mostNamed(said.map((relay) => relay.digest));
  if (!isMajority(said.filter((relay) => compareBytes(relay.digest, digest) === 0).length)) return [];
  const flags = RELAY_FLAGS.filter((flag) =>
    isMajority(said.filter((relay) => relay.flags.has(flag)).length),
  );
  const measured = said.flatMap((relay) => relay.measured ?? []);
  const weight = isMajority(measured.length)
    ? lowerMedian(measured)
    : Math.min(lowerMedian(said.map((relay) => relay.weight)), mostUnmeasured);
  const network = mostNamed(said.map((relay) => relay.network));
  return [{ identity: first.identity, digest, flags: new Set(flags), weight, network }];
}

function entryOf(
  { identity, flags, weight, network }: SelectedRelay,
  known: KnownDescriptor | undefined,
): RelayEntry {
  if (known?.descriptor.identity !== identity) {
    throw new TaborError("usage", "here", "a descriptor of the consensus is missing");
  }
  const { descriptor, descriptorBytes } = known;
  return { descriptor, descriptorBytes, flags, weight, network };
}

/** What occurs most often; of equals, the greatest. */
function mostNamed(values: readonly Uint8Array[]): Uint8Array {
  const counts = new Map<string, { value: Uint8Array; count: number }>();
  for (const value of values) {
    const key = bytesToBase64Url(value);
    counts.set(key, { value, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count || compareBytes(b.value, a.value));
  return most?.value ?? new Uint8Array(32);
}

function bandwidthWeights(entries: readonly RelayEntry[]): BandwidthWeights {
  const sums: { -readonly [Kind in keyof KindSums]: number } = { G: 1, M: 1, E: 1, D: 1 };
  for (const { flags, weight } of entries) sums[relayKind(flags)] += weight;
  return computeBandwidthWeights(sums) ?? UNWEIGHTED;
}
