import { toTaborError, type DataUsed, type RelayStats } from "@tabor/onion-core";
import type { RelayReport, SelfTest } from "../services/volunteer.ts";
import type { OwnLimits } from "./settings.ts";

/** A relay at work in this tab. */
export interface RunningRelay {
  report(): RelayReport & { readonly dataUsed: DataUsed };
  limit(limits: OwnLimits): void;
  /** From now on it fetches by these rules; undefined: not at all, and what runs is broken off. */
  fetchBy(rules: string | undefined): void;
  /** Takes no new circuits and leaves the directory. Resolves when the last has ended, or has had its time. */
  drain(): Promise<void>;
  /** Sends traffic of our own through it. @returns milliseconds that a circuit took. @throws what does not work. */
  test(): Promise<number>;
  close(): void;
}

/** How often what it has done is kept, in milliseconds. */
const SAVE_MS = 10_000;

/** A relay, and what was seen of it last. */
export class Running {
  readonly relay: RunningRelay;
  /** Of the monotonic clock. */
  readonly began: number;
  draining: Promise<void> | undefined;
  #last: Pick<RelayStats, "bytesIn" | "bytesOut" | "circuitsTotal"> = {
    bytesIn: 0,
    bytesOut: 0,
    circuitsTotal: 0,
  };
  #lastAt: number;
  #savedAt: number;
  /** Circuits of our own, which help nobody. */
  #tests = 0;

  constructor(relay: RunningRelay, now: number) {
    this.relay = relay;
    this.began = now;
    this.#lastAt = now;
    this.#savedAt = now;
  }

  /** What has come to it since the last call. */
  since(
    stats: RelayStats,
    now: number,
  ): { seconds: number; bytesIn: number; bytesOut: number; circuits: number } {
    const added = stats.circuitsTotal - this.#last.circuitsTotal;
    const own = Math.min(added, this.#tests);
    this.#tests -= own;
    const more = {
      seconds: (now - this.#lastAt) / 1000,
      bytesIn: stats.bytesIn - this.#last.bytesIn,
      bytesOut: stats.bytesOut - this.#last.bytesOut,
      circuits: added - own,
    };
    this.#last = stats;
    this.#lastAt = now;
    return more;
  }

  isToBeSaved(now: number): boolean {
    if (now - this.#savedAt < SAVE_MS) return false;
    this.#savedAt = now;
    return true;
  }

  async test(now: () => number): Promise<SelfTest> {
    try {
      const ms = await this.relay.test();
      this.#tests += 1;
      return { name: "passed", at: now(), ms };
    } catch (thrown) {
      return { name: "failed", at: now(), problem: toTaborError(thrown, "relay", "testing the relay") };
    }
  }
}
