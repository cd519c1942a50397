import { type Clock, type Log, type Random, type RelayId, TaborError, toTaborError } from "@tabor/onion-core";
import type { Challenge, IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import { backOff } from "./back-off.ts";
import type { ConsensusKeeper, ConsensusMessage, Outcome } from "./consensus-keeper.ts";
import { pause } from "./deadline.ts";
import { type DirectoryConnection, type DirectorySocket, openConnection } from "./directory-connection.ts";
import type { Joiner } from "./join-handshake.ts";

/** Where a session stands, for people to see. */
export type DirectoryState =
  | { readonly phase: "connecting" }
  | { readonly phase: "authenticating" }
  | {
      readonly phase: "joined";
      readonly address: PeerAddress;
      /** Why the last consensus was refused (a wrong clock, most often), or why a descriptor was. */
      readonly problem: TaborError | undefined;
    }
  /** @property retryIn milliseconds until the next attempt */
  | { readonly phase: "lost"; readonly reason: TaborError; readonly retryIn: number }
  | { readonly phase: "closed" };

export interface StandingSessionOptions {
  /** Where the server listens: an http: or https: origin. */
  readonly url: string;
  /** As whom to join; the server is one that is trusted. */
  readonly joiner: (challenge: Challenge) => Promise<Joiner>;
  /** What a relay publishes after each join. */
  readonly descriptor?: (() => Promise<Uint8Array>) | undefined;
  /** Takes the consensuses that come; other servers' sessions may share it. */
  readonly keeper: ConsensusKeeper;
  readonly authorities: readonly RelayId[];
  readonly changed: (state: DirectoryState) => void;
  readonly signalled: (signal: IncomingSignal) => void;
  readonly openSocket: (url: string) => DirectorySocket;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A session that lasted this long, in milliseconds, was a good one: the next failure counts as the first. */
const STEADY = 60_000;
const NOTHING = new Uint8Array(32);

/** Stays joined to one server: connects, authenticates both ways, and comes back after every loss (SPEC §9). */
export class StandingSession {
  readonly url: string;
  readonly #options: StandingSessionOptions;
  readonly #closing = new AbortController();
  #state: DirectoryState = { phase: "connecting" };
  /** Sessions that failed in a row. */
  #failures = 0;
  /** It may be known before the server's welcome has been checked. */
  #problem: TaborError | undefined;
  #connection: DirectoryConnection | undefined;
  #socket: DirectorySocket | undefined;
  /** Ends the wait after this attempt. */
  #hurrying = new AbortController();

  constructor(options: StandingSessionOptions) {
    this.#options = options;
    this.url = options.url;
  }

  /** To be called once. */
  start(): void {
    void this.#stayJoined();
  }

  get state(): DirectoryState {
    return this.#state;
  }

  /** @throws unreachable if nobody has the address there, closed while not joined, resource-limit, timeout. */
  async signal(to: PeerAddress, blob: Uint8Array): Promise<void> {
    await this.#joined().signal(to, blob);
  }

  /** @throws what the server refuses with, closed while not joined, timeout. */
  async publish(descriptor: Uint8Array): Promise<void> {
    await this.#joined().publish(descriptor);
  }

  /** Does not wait before it comes back, now or after this attempt. */
  retry(): void {
    this.#hurrying.abort();
  }

  /**
   * To be called when what was lost may be had again, as when the device has a network again: tries at once, and gives up a connection
   * that does not answer, long before its heartbeat would.
   */
  hurry(): void {
    this.#failures = 0;
    if (this.#connection === undefined) this.retry();
    else void this.#probe(this.#connection);
  }

  /** Leaves for good. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#socket?.disconnect();
    this.#become({ phase: "closed" });
  }

  #joined(): DirectoryConnection {
    if (this.#connection) return this.#connection;
    throw new TaborError("closed", "directory", "not connected to the directory");
  }

  async #stayJoined(): Promise<void> {
    const { clock, random, log } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const began = clock.monotonic();
      this.#hurrying = new AbortController();
      const reason = await this.#session();
      this.#failures = clock.monotonic() - began >= STEADY ? 1 : this.#failures + 1;
      const retryIn = backOff(this.#failures, random);
      this.#become({ phase: "lost", reason, retryIn });
      log.info("directory lost", { reason: reason.message, retryIn });
      await pause(clock, retryIn, AbortSignal.any([signal, this.#hurrying.signal]));
    }
  }

  /** From connecting to the loss of the connection. @returns why it ended. */
  async #session(): Promise<TaborError> {
    this.#problem = undefined;
    this.#become({ phase: "connecting" });
    try {
      const { connection, lost } = await openConnection(this.#connectionOptions());
      this.#connection = connection;
      this.#become({ phase: "joined", address: connection.address, problem: this.#problem });
      // It may have come before the welcome was checked, and be what the server does not know of us.
      this.#sayHave(this.#options.keeper.digest);
      void this.#publishDescriptor(connection);
      return await lost;
    } catch (error) {
      return error instanceof TaborError
        ? error
        : new TaborError("closed", "here", "joining", { cause: error });
    } finally {
      this.#connection = undefined;
      this.#socket?.removeAllListeners();
      this.#socket?.disconnect();
    }
  }

  #connectionOptions() {
    const { joiner, keeper, openSocket, url, authorities, signalled, clock, random } = this.#options;
    const socket = openSocket(url);
    this.#socket = socket;
    return {
      ...{ socket, authorities, signalled, clock, random },
      joiner: async (challenge: Challenge) => ({ ...(await joiner(challenge)), has: keeper.digest }),
      authenticating: () => {
        this.#become({ phase: "authenticating" });
      },
      consensus: (message: ConsensusMessage) => {
        keeper.offer(this, message, (outcome) => {
          this.#settled(outcome);
        });
      },
    };
  }

  #settled(outcome: Outcome): void {
    const { keeper } = this.#options;
    // Another server was faster: that is no fault of this one.
    const isOld =
      outcome.kind === "refused" && outcome.reason.code === "expired" && keeper.current !== undefined;
    if (outcome.kind === "refused" && !isOld) {
      this.#setProblem(outcome.reason);
      return;
    }
    this.#setProblem(undefined);
    this.#sayHave(outcome.kind === "unknown base" ? NOTHING : keeper.digest);
  }

  /** A server that does not hear it sends more than it has to, and that is all. */
  #sayHave(digest: Uint8Array | undefined): void {
    if (digest !== undefined) this.#connection?.have(digest).catch(() => undefined);
  }

  /** Whatever it answers, it is there. */
  async #probe(connection: DirectoryConnection): Promise<void> {
    try {
      await connection.have(this.#options.keeper.digest ?? NOTHING);
    } catch (error) {
      const { code } = toTaborError(error, "directory", "asking whether it is there");
      if (code !== "timeout" || connection !== this.#connection) return;
      this.retry();
      this.#socket?.disconnect();
    }
  }

  async #publishDescriptor(connection: DirectoryConnection): Promise<void> {
    const { descriptor } = this.#options;
    if (descriptor === undefined) return;
    try {
      await connection.publish(await descriptor());
    } catch (error) {
      if (connection === this.#connection) this.#setProblem(toTaborError(error, "directory", "publishing"));
    }
  }

  #setProblem(problem: TaborError | undefined): void {
    if (problem) this.#options.log.warn("refused", { reason: problem.message });
    this.#problem = problem;
    if (this.#state.phase === "joined" && this.#state.problem !== problem) {
      this.#become({ ...this.#state, problem });
    }
  }

  #become(state: DirectoryState): void {
    if (this.#closing.signal.aborted && state.phase !== "closed") return;
    this.#state = state;
    this.#options.changed(state);
  }
}
