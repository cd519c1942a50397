import type { BuildTimes } from "./build-times.ts";
import type { Cancel, Clock } from "../ports/clock.ts";

/** SPEC §10.4. */
const PAUSE_MS = 30_000;
const IN_USE_MS = 600_000;

export interface BuildTimeLearnerInit {
  readonly times: BuildTimes;
  readonly clock: Clock;
  /** Builds a circuit and ends it. */
  readonly test: () => Promise<void>;
}

/** Builds test circuits, one after another, while the client is used and has not seen enough to know how long they take. */
export class BuildTimeLearner {
  readonly #init: BuildTimeLearnerInit;
  #usedAt = -Infinity;
  #cancel: Cancel | undefined;
  #hasStopped = false;

  constructor(init: BuildTimeLearnerInit) {
    this.#init = init;
  }

  /** The client is in use. */
  used(): void {
    this.#usedAt = this.#init.clock.monotonic();
    this.#arm();
  }

  stop(): void {
    this.#hasStopped = true;
    this.#cancel?.();
  }

  #arm(): void {
    const { clock, times } = this.#init;
    if (this.#hasStopped || this.#cancel !== undefined || times.isLearned) return;
    if (clock.monotonic() - this.#usedAt >= IN_USE_MS) return;
    this.#cancel = clock.after(PAUSE_MS, () => void this.#test());
  }

  async #test(): Promise<void> {
    await this.#init.test().catch(() => undefined);
    this.#cancel = undefined;
    this.#arm();
  }
}
