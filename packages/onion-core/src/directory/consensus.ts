import type { RelayId } from "../crypto/ids.ts";
import type { BandwidthWeights } from "./bandwidth-weights.ts";
import type { Descriptor } from "./descriptor.ts";
import type { TokenIssuer } from "./token-issuer.ts";

/** What the authorities say of a relay (SPEC §8.2). */
export type RelayFlag = "Running" | "Valid" | "Guard" | "Exit" | "Stable" | "Fast" | "BadExit" | "Fetch";

/** One relay in a consensus. */
export interface RelayEntry {
  readonly descriptor: Descriptor;
  /** The descriptor as its relay signed it, from which the entry is encoded again exactly. */
  readonly descriptorBytes: Uint8Array;
  readonly flags: ReadonlySet<RelayFlag>;
  /** KiB/s, 0…2^32−1. */
  readonly weight: number;
  /** The network that the relay was seen in: 2 bytes of IPv4, 4 of IPv6, or empty if not a public address. */
  readonly network: Uint8Array;
}

/** A vote that a consensus was computed from. */
export interface CountedVote {
  readonly authority: RelayId;
  /** SHA-256 of the vote, 32 bytes: whoever has the votes can compute the consensus again. */
  readonly digest: Uint8Array;
}

/** What a consensus says besides its relays. */
export interface ConsensusHeader {
  /** Milliseconds since the Unix epoch, as are the next two; validAfter < freshUntil ≤ validUntil. */
  readonly validAfter: number;
  readonly freshUntil: number;
  readonly validUntil: number;
  /** SHA-256 of the predecessor without its signatures (`consensusDigest`), zeros for the first. */
  readonly previous: Uint8Array;
  readonly weights: BandwidthWeights;
  /** By authority, strictly increasing as bytes. */
  readonly votes: readonly CountedVote[];
  /** Whose tokens guards demand (SPEC §9.7), by authority and time, strictly increasing; none where everybody is let in. */
  readonly issuers: readonly TokenIssuer[];
}

/** What authorities sign: a consensus without its signatures. */
export interface ConsensusContent extends ConsensusHeader {
  /** By identity, strictly increasing as bytes. */
  readonly relays: readonly RelayEntry[];
}

/** A consensus that was verified (`verifyConsensus`). */
export interface Consensus extends ConsensusContent {
  readonly relaysById: ReadonlyMap<RelayId, RelayEntry>;
  /** SHA-256 of what was signed, 32 bytes. */
  readonly digest: Uint8Array;
  /** The configured authorities whose signatures were right. */
  readonly signers: readonly RelayId[];
}
