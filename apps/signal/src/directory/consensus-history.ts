import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import {
  bytesToBase64Url,
  decodeConsensus,
  encodeConsensusDiff,
  type UnsignedConsensus,
  type UnverifiedConsensus,
} from "@tabor/onion-core";
import { MAX_CONSENSUS_LENGTH } from "@tabor/signal-protocol";
import type { MadeConsensus } from "./consensus-source.ts";

/** What a peer is sent: all of a consensus, or, compressed, what changed since one that it has. */
export interface ConsensusMessage {
  readonly kind: "whole" | "difference";
  readonly bytes: Uint8Array;
}

interface Kept extends MadeConsensus, UnsignedConsensus {
  readonly signatures: UnverifiedConsensus["signatures"];
  readonly digest: Uint8Array;
}

/** Consensuses that are kept: who was away for less than these needs no whole one. */
const MAX_KEPT = 8;

/** The last consensuses, with their votes, and what is between each and the newest. */
export class ConsensusHistory {
  /** By digest, oldest first. */
  readonly #kept = new Map<string, Kept>();
  /** From a base to the newest, made when first asked for. */
  readonly #differences = new Map<string, ConsensusMessage>();
  #newest: Kept | undefined;

  /** @throws malformed for bytes that are no consensus. */
  add(consensus: MadeConsensus): void {
    const { body, content, signatures } = decodeConsensus(consensus.bytes);
    const digest = sha256(body);
    this.#newest = { ...consensus, body, content, signatures, digest };
    this.#kept.set(bytesToBase64Url(digest), this.#newest);
    this.#differences.clear();
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  get newest(): Uint8Array | undefined {
    return this.#newest?.bytes;
  }

  get newestUnsigned(): UnsignedConsensus | undefined {
    return this.#newest;
  }

  /** @param digest of a consensus, as base64url. */
  consensus(digest: string): Uint8Array | undefined {
    return this.#kept.get(digest)?.bytes;
  }

  /** @param digest SHA-256 of a vote that a kept consensus was computed from, as base64url. */
  vote(digest: string): Uint8Array | undefined {
    return [...this.#kept.values()]
      .flatMap(({ votes }) => votes)
      .find((vote) => bytesToBase64Url(sha256(vote)) === digest);
  }

  /**
   * The newest, for who has another one.
   * @param has its digest, 32 bytes. @returns undefined if that is the newest, or there is none yet.
   */
  messageFor(has: Uint8Array | undefined): ConsensusMessage | undefined {
    if (this.#newest === undefined) return undefined;
    const whole = { kind: "whole", bytes: this.#newest.bytes } as const;
    if (has === undefined) return whole;
    const key = bytesToBase64Url(has);
    const base = this.#kept.get(key);
    if (base === this.#newest) return undefined;
    if (base === undefined) return whole;
    const known = this.#differences.get(key) ?? differenceOf(base, this.#newest);
    this.#differences.set(key, known);
    return known;
  }
}

/** The whole, where nearly everything has changed. */
function differenceOf(base: Kept, result: Kept): ConsensusMessage {
  const difference = encodeConsensusDiff(base, result);
  const bytes = new Uint8Array(deflateRawSync(difference));
  const isWorthIt = difference.length <= MAX_CONSENSUS_LENGTH && bytes.length < result.bytes.length;
  return isWorthIt ? { kind: "difference", bytes } : { kind: "whole", bytes: result.bytes };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
