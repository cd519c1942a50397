import {
  type Cancel,
  type Clock,
  compareBytes,
  type Consensus,
  diffEnds,
  type DirectorySource,
  type RelayId,
  type TaborError,
  toTaborError,
  verifyConsensus,
  verifyConsensusDiff,
} from "@tabor/onion-core";
import { MAX_CONSENSUS_LENGTH } from "@tabor/signal-protocol";
import { inflate } from "./inflate.ts";
import { Listeners } from "./listeners.ts";

/** What a server sends: all of a consensus, or, compressed, what changed since another. */
export interface ConsensusMessage {
  readonly kind: "whole" | "difference";
  readonly bytes: Uint8Array;
}

/** accepted: it is the newest now, or was already; unknown base: a difference from a consensus that is not kept. */
export type Outcome =
  { readonly kind: "accepted" | "unknown base" } | { readonly kind: "refused"; readonly reason: TaborError };

interface Waiting {
  readonly message: ConsensusMessage;
  readonly settled: (outcome: Outcome) => void;
}

/** A server may not have heard yet of the newest that we have. */
const MAX_KEPT = 3;

/** Verifies each consensus that any server of the network sends (SPEC §8.2), and keeps the newest. */
export class ConsensusKeeper implements DirectorySource {
  readonly #authorities: readonly RelayId[];
  readonly #clock: Clock;
  readonly #listeners = new Listeners<Consensus>();
  /** The newest last. */
  #kept: readonly Consensus[] = [];
  #isVerifying = false;
  /** By server: of one that floods only the last counts, and one is verified at a time. */
  readonly #waiting = new Map<object, Waiting>();

  constructor(authorities: readonly RelayId[], clock: Clock) {
    this.#authorities = authorities;
    this.#clock = clock;
  }

  get current(): Consensus | undefined {
    const newest = this.#newest;
    return newest !== undefined && this.#clock.now() < newest.validUntil ? newest : undefined;
  }

  /** Of the newest, for servers to send differences from it: 32 bytes. */
  get digest(): Uint8Array | undefined {
    return this.#newest?.digest;
  }

  subscribe(listener: (consensus: Consensus) => void): Cancel {
    return this.#listeners.add(listener);
  }

  /** @param server whose message it is. @param settled is told what became of it, unless a later one of the server took its place. */
  offer(server: object, message: ConsensusMessage, settled: (outcome: Outcome) => void): void {
    this.#waiting.set(server, { message, settled });
    if (!this.#isVerifying) void this.#verifyWaiting();
  }

  get #newest(): Consensus | undefined {
    return this.#kept.at(-1);
  }

  async #verifyWaiting(): Promise<void> {
    this.#isVerifying = true;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      next.settled(await this.#outcomeOf(next.message));
    }
    this.#isVerifying = false;
  }

  #take(): Waiting | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    this.#waiting.delete(first[0]);
    return first[1];
  }

  async #outcomeOf(message: ConsensusMessage): Promise<Outcome> {
    try {
      return { kind: await this.#accept(message) };
    } catch (error) {
      return { kind: "refused", reason: toTaborError(error, "directory", "checking the consensus") };
    }
  }

  async #accept({ kind, bytes }: ConsensusMessage): Promise<"accepted" | "unknown base"> {
    const trust = { authorities: this.#authorities, now: this.#clock.now(), newest: this.#newest };
    if (kind === "whole") {
      this.#keep(await verifyConsensus(bytes, trust));
      return "accepted";
    }
    const difference = await inflate(bytes, MAX_CONSENSUS_LENGTH);
    const { base, result } = diffEnds(difference);
    if (this.#find(result) !== undefined) return "accepted";
    const known = this.#find(base);
    if (known === undefined) return "unknown base";
    this.#keep(await verifyConsensusDiff(difference, known, trust));
    return "accepted";
  }

  #find(digest: Uint8Array): Consensus | undefined {
    return this.#kept.find((kept) => compareBytes(kept.digest, digest) === 0);
  }

  /** Told of once, whoever else sends it too. */
  #keep(consensus: Consensus): void {
    if (this.#find(consensus.digest) !== undefined) return;
    this.#kept = [...this.#kept, consensus].slice(-MAX_KEPT);
    this.#listeners.tell(consensus);
  }
}
