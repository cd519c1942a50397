import { type Cancel, type Clock, type Log, type Random, randomFraction } from "@tabor/onion-core";
import { Listeners } from "../signalling/listeners.ts";
import {
  type Election,
  type ElectionCommand,
  type ElectionEvent,
  type ElectionStep,
  FIRST_STEP,
  nextStep,
  type ServingHost,
} from "./election.ts";

/** This host's own directory. */
export interface OwnServer {
  /** @param ended is called if it ends by itself, once it has started. @throws why it cannot start. */
  start(ended: () => void): Promise<ServingHost>;
  /** Ends it, also while it starts; resolves when its address is free again. */
  stop(): Promise<void>;
}

export interface ElectorOptions {
  /** Which of the other hosts serve now. Ends within a few seconds. */
  readonly look: (signal: AbortSignal) => Promise<readonly ServingHost[]>;
  /** Undefined: this host never serves. */
  readonly server: OwnServer | undefined;
  /** Joins a server, in place of the one before; `lost` is to be called when that fails, or ends. */
  readonly join: (host: ServingHost) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Milliseconds, from and to. */
const WAIT = { wait: [1000, 3000], rest: [2000, 4000] } as const;

/** One host's part in electing the server of an ad-hoc network (SPEC §9.8): does what `election.ts` says. */
export class Elector {
  readonly #options: ElectorOptions;
  readonly #changes = new Listeners<Election>();
  #election: Election = FIRST_STEP.election;
  /** There is never more than one of each. */
  #looking = new AbortController();
  #cancelRest: Cancel = () => undefined;
  #isClosed = false;
  #stopped: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  /** Starts at once. */
  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#do(FIRST_STEP);
  }

  get election(): Election {
    return this.#election;
  }

  /** Why this host could not serve when it was to; undefined when it could, or was not asked to. */
  get problem(): string | undefined {
    return this.#problem;
  }

  onChange(listener: (election: Election) => void): Cancel {
    return this.#changes.add(listener);
  }

  /** The server that was joined last is gone. @param wasJoined false: it could not be joined. */
  lost(wasJoined: boolean): void {
    this.#happened({ type: "lost", wasJoined });
  }

  /** Takes no further part; ends this host's server. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#giveUp();
    this.#stop();
    await this.#stopped;
  }

  #happened(event: ElectionEvent): void {
    if (this.#isClosed) return;
    this.#do(nextStep(this.#election, event, this.#options.server !== undefined));
  }

  #do({ election, commands }: ElectionStep): void {
    const isNew = election !== this.#election;
    this.#election = election;
    if (isNew) {
      this.#giveUp();
      this.#options.log.debug("election", { phase: election.phase });
      this.#changes.tell(election);
    }
    for (const command of commands) this.#perform(command);
  }

  #perform(command: ElectionCommand): void {
    switch (command) {
      case "look":
        void this.#look();
        return;
      case "wait":
      case "rest":
        this.#rest(WAIT[command]);
        return;
      case "start":
        void this.#start();
        return;
      case "stop":
        this.#stop();
        return;
      default:
        this.#options.join(command.join);
    }
  }

  /** What was looked for, or waited for, in another state. */
  #giveUp(): void {
    this.#looking.abort();
    this.#cancelRest();
  }

  async #look(): Promise<void> {
    const looking = new AbortController();
    this.#looking = looking;
    const found = await this.#options.look(looking.signal).catch(() => []);
    if (!looking.signal.aborted) this.#happened({ type: "looked", found });
  }

  #rest([from, to]: readonly [number, number]): void {
    const { clock, random } = this.#options;
    this.#cancelRest = clock.after(from + (to - from) * randomFraction(random), () => {
      this.#happened({ type: "rested" });
    });
  }

  async #start(): Promise<void> {
    const { server } = this.#options;
    const ended = (): void => {
      this.#happened({ type: "ended" });
    };
    try {
      await this.#stopped;
      const host = await server?.start(ended);
      this.#problem = undefined;
      if (host !== undefined) this.#happened({ type: "started", host });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#problem) this.#options.log.warn("cannot serve", { problem });
      this.#problem = problem;
      ended();
    }
  }

  #stop(): void {
    const { server } = this.#options;
    if (server !== undefined) this.#stopped = this.#stopped.then(() => server.stop());
  }
}
