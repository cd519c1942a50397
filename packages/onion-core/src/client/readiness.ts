import type { CircuitPool } from "./circuit-pool.ts";
import type { GuardLink } from "./guard-link.ts";
import type { PooledCircuit } from "./pooled-circuit.ts";
import { BOOTSTRAP, type BootstrapStage, type ClientStatus } from "./status.ts";
import type { Consensus } from "../directory/consensus.ts";
import type { DirectorySource } from "../directory/source.ts";
import { toTaborError, type TaborError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { randomFraction, type Random } from "../ports/random.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export interface ReadinessInit {
  readonly directory: DirectorySource;
  readonly guardLink: GuardLink;
  readonly pool: CircuitPool;
  /** The newest consensus. @throws no-path or expired while there is none to use. */
  readonly consensus: () => Consensus;
  readonly clock: Clock;
  readonly random: Random;
  /** The client has stopped. */
  readonly closing: AbortSignal;
  readonly changed: (status: ClientStatus) => void;
}

/** Keeps the guard's link and a clean circuit (SPEC §10.2), and tells how far it has come and what is in the way. */
export class Readiness {
  readonly #init: ReadinessInit;
  #status: ClientStatus = { ...BOOTSTRAP.directory, problem: undefined };
  #retryMs = FIRST_RETRY_MS;

  constructor(init: ReadinessInit) {
    this.#init = init;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Goes on until the client stops. Never throws. */
  async run(): Promise<void> {
    while (!this.#init.closing.aborted) {
      const problem = await this.#keepOne();
      if (problem !== undefined) await this.#recover(problem);
    }
  }

  /** Makes a clean circuit and waits until it is put to use. @returns what went wrong with it, if anything did. */
  async #keepOne(): Promise<TaborError | undefined> {
    try {
      const circuit = await this.#prepare();
      this.#retryMs = FIRST_RETRY_MS;
      await circuit.spent;
      return undefined;
    } catch (thrown) {
      return toTaborError(thrown, "here", "getting ready");
    }
  }

  /** While other circuits take streams, a new one is made without a word. */
  async #prepare(): Promise<PooledCircuit> {
    const { directory, guardLink, pool, consensus } = this.#init;
    if (directory.current === undefined) {
      this.#stage("directory");
      await this.#nextConsensus();
    }
    if (!guardLink.isOpen) this.#stage("guard");
    await guardLink.get(consensus());
    if (!pool.isReady) this.#stage("circuit");
    const circuit = await pool.prepare();
    this.#stage("ready");
    return circuit;
  }

  /** Shows the problem and waits; longer each time, and spread so that a guard's clients do not come back all at once. */
  async #recover(problem: TaborError): Promise<void> {
    if (this.#init.closing.aborted) return;
    const hasFallenBack = this.#status.stage === "ready" && !this.#init.pool.isReady;
    this.#setStatus({ ...(hasFallenBack ? BOOTSTRAP.circuit : this.#status), problem });
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
      const cancel = clock.after(ms, done);
      const unsubscribe = directory.subscribe(done);
      closing.addEventListener("abort", done, { once: true });
    });
  }
}
