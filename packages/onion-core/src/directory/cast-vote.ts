/**
 * What an authority says of the relays that are joined: pure, so that it can be judged by its tests. All it knows
 * of a relay is its descriptor, which the relay wrote itself, the address it was seen at, since when, and what a measurer found out.
 */

import { compareBytes } from "../bytes/compare.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { DESCRIPTOR_LIFETIME_MS } from "./descriptor.ts";
import { descriptorDigest } from "./digest.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import { networkOf } from "./network.ts";
import { assessRelays } from "./relay-flags.ts";
import type { IssuerKey } from "./token-issuer.ts";
import type { Vote } from "./vote.ts";

export interface VoteInput {
  readonly authority: RelayId;
  /** At most one per identity, in any order; those whose descriptor has expired are left out. */
  readonly relays: readonly JoinedRelay[];
  /** The digest of the newest consensus that is known, zeros for none. */
  readonly previous: Uint8Array;
  /** Its own, by time. */
  readonly issuers?: readonly IssuerKey[] | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly validAfter: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function castVote({ authority, relays, previous, issuers = [], validAfter, now }: VoteInput): Vote {
  const current = relays.filter(({ descriptor }) => now < descriptor.published + DESCRIPTOR_LIFETIME_MS);
  const ordered = current
    .map((relay) => ({ relay, key: relayIdToBytes(relay.descriptor.identity) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ relay }) => relay);
  const assess = assessRelays(ordered, now);
  const voted = ordered.map((relay) => ({
    identity: relay.descriptor.identity,
    digest: descriptorDigest(relay.descriptorBytes),
    ...assess(relay),
    network: networkOf(relay.address),
  }));
  return { authority, validAfter, previous, issuers, relays: voted };
}
