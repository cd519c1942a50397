import type { CircuitPool } from "./circuit-pool.ts";
import type { GuardLinks } from "./guards/guard-links.ts";
import { BOOTSTRAP, type BootstrapStage, type ClientStatus } from "./status.ts";
import type { PathTarget } from "../directory/path-table.ts";
import type { DirectorySource } from "../directory/source.ts";
import { toTaborError, type TaborError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { randomFraction, type Random } from "../ports/random.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export interface ReadinessInit {
  readonly directory: DirectorySource;
  readonly links: GuardLinks;
  readonly pool: CircuitPool;
  readonly clock: Clock;
  readonly random: Random;
  /** The client has stopped. */
  readonly closing: AbortSignal;
  readonly changed: (status: ClientStatus) => void;
}

/** Keeps clean circuits (SPEC §10.2), and tells how far it has come and what is in the way. */
export class Readiness {
  readonly #init: ReadinessInit;
  #status: ClientStatus = { ...BOOTSTRAP.directory, problem: undefined };
  #retryMs = FIRST_RETRY_MS;
  #endPause: () => void = () => undefined;

  constructor(init: ReadinessInit) {
    this.#init = init;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Goes on until the client stops. Never throws. */
  async run(): Promise<void> {
    while (!this.#init.closing.aborted) {
      const problem = await this.#keep();
      if (problem !== undefined) await this.#recover(problem);
    }
  }

  /** What was lost may be had again: tries now. */
  hurry(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#endPause();
  }

  /** A link to a guard has opened. */
  linked(): void {
    if (this.#status.stage === "guard") this.#stage("circuit");
  }

  /** Makes clean circuits as they are needed, until something goes wrong. @returns what it was. */
  async #keep(): Promise<TaborError | undefined> {
    try {
      for (;;) {
        const target = await this.#init.pool.nextLack();
        if (target === undefined) return undefined;
        await this.#prepare(target);
        this.#retryMs = FIRST_RETRY_MS;
      }
    } catch (thrown) {
      return toTaborError(thrown, "here", "getting ready");
    }
  }

  /** While other circuits take streams, a new one is made without a word. */
  async #prepare(target: PathTarget): Promise<void> {
    const { directory, links, pool } = this.#init;
    if (directory.current === undefined) {
      this.#stage("directory");
      await this.#nextConsensus();
    }
    if (!pool.isReady) this.#stage(links.isOpen ? "circuit" : "guard");
    await pool.prepare(target);
    this.#stage("ready");
  }

  /** Shows the problem and waits; longer each time, and spread so that a guard's clients do not come back all at once. */
  async #recover(problem: TaborError): Promise<void> {
    if (this.#init.closing.aborted) return;
    const isReady = this.#init.pool.isReady;
    const hasFallenBack = this.#status.stage === "ready" && !isReady;
    // One port of many may have no path; circuits for the others are there.
    const isMinor = isReady && problem.code === "no-path";
    if (!isMinor) this.#setStatus({ ...(hasFallenBack ? BOOTSTRAP.circuit : this.#status), problem });
    await this.#pause(this.#retryMs * (0.5 + randomFraction(this.#init.random)));
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #stage(stage: BootstrapStage): void {
    this.#setStatus({ ...BOOTSTRAP[stage], problem: undefined });
  }

  #setStatus(status: ClientStatus): void {
    this.#status = status;
    this.#init.changed(status);
  }

  #nextConsensus(): Promise<void> {
    return new Promise((resolve) => {
      const unsubscribe = this.#init.directory.subscribe(() => {
        unsubscribe();
        resolve();
      });
    });
  }

  /** Waits, but no longer than until the network has changed or the client is closed. */
  #pause(ms: number): Promise<void> {
    const { clock, directory, closing } = this.#init;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        unsubscribe();
        closing.removeEventListener("abort", done);
        resolve();
      };
      this.#endPause = done;
      const cancel = clock.after(ms, done);
      const unsubscribe = directory.subscribe(done);
      closing.addEventListener("abort", done, { once: true });
    });
  }
}
