import {
  type Cancel,
  type Clock,
  type Consensus,
  type DirectorySource,
  type Log,
  type Random,
  type RelayId,
  TaborError,
} from "@tabor/onion-core";
import type { AdmissionMode, IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import { io } from "socket.io-client";
import { backOff } from "./back-off.ts";
import { ConsensusKeeper } from "./consensus-keeper.ts";
import { pause } from "./deadline.ts";
import { type DirectoryConnection, type DirectorySocket, openConnection } from "./directory-connection.ts";
import { Listeners } from "./listeners.ts";
import { joinerOf, type Membership } from "./membership.ts";

/** Where the client stands, for people to see. */
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

export interface DirectoryClientOptions {
  /** Where the directory listens: an http: or https: origin. */
  readonly url: string;
  readonly membership: Membership;
  /** Whom to trust; a directory that is none of them is refused. */
  readonly authorities: readonly RelayId[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For tests. */
  readonly openSocket?: (url: string) => DirectorySocket;
}

/** A session that lasted this long, in milliseconds, was a good one: the next failure counts as the first. */
const STEADY = 60_000;
/** Milliseconds; half of a descriptor's life. */
const PUBLISH_INTERVAL = 12 * 3_600_000;

/**
 * Stays joined to a directory: connects, authenticates both ways, and comes back after every loss (SPEC §9). What it
 * learns is the consensus (`DirectorySource`); what it carries are signals, for the `BrokerDialer`.
 */
export class DirectoryClient implements DirectorySource {
  readonly #options: DirectoryClientOptions;
  readonly #keeper: ConsensusKeeper;
  readonly #states = new Listeners<DirectoryState>();
  readonly #signals = new Listeners<IncomingSignal>();
  readonly #closing = new AbortController();
  #state: DirectoryState = { phase: "connecting" };
  /** It may be known before the directory's welcome has been checked. */
  #problem: TaborError | undefined;
  #admission: AdmissionMode | undefined;
  #connection: DirectoryConnection | undefined;
  #socket: DirectorySocket | undefined;

  /** Starts at once. */
  constructor(options: DirectoryClientOptions) {
    this.#options = options;
    this.#keeper = new ConsensusKeeper(options.authorities, options.clock);
    void this.#stayJoined();
  }

  get state(): DirectoryState {
    return this.#state;
  }

  /** Whom the network lets in, as its directory said last; undefined before it did. */
  get admission(): AdmissionMode | undefined {
    return this.#admission;
  }

  onState(listener: (state: DirectoryState) => void): Cancel {
    return this.#states.add(listener);
  }

  get current(): Consensus | undefined {
    return this.#keeper.current;
  }

  subscribe(listener: (consensus: Consensus) => void): Cancel {
    return this.#keeper.subscribe(listener);
  }

  /** @throws unreachable if nobody has the address, closed while not joined, resource-limit, timeout. */
  async signal(to: PeerAddress, blob: Uint8Array): Promise<void> {
    await this.#joined().signal(to, blob);
  }

  onSignal(listener: (signal: IncomingSignal) => void): Cancel {
    return this.#signals.add(listener);
  }

  /** A relay's descriptor has changed: publish it now. Otherwise that happens by itself. */
  async publish(): Promise<void> {
    const { membership } = this.#options;
    if (membership.role !== "relay") throw new TaborError("usage", "here", "clients publish nothing");
    await this.#joined().publish(await membership.descriptor());
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
    for (let failures = 0; !signal.aborted;) {
      const began = clock.monotonic();
      const reason = await this.#session();
      failures = clock.monotonic() - began >= STEADY ? 1 : failures + 1;
      const retryIn = backOff(failures, random);
      this.#become({ phase: "lost", reason, retryIn });
      log.info("directory lost", { reason: reason.message, retryIn });
      await pause(clock, retryIn, signal);
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
      const stopPublishing = this.#keepPublished();
      const reason = await lost;
      stopPublishing();
      return reason;
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
    const { membership, openSocket = openSocketIo, url, authorities, clock, random } = this.#options;
    const socket = openSocket(url);
    this.#socket = socket;
    return {
      socket,
      joiner: (admission: AdmissionMode) => {
        this.#admission = admission;
        return joinerOf(membership, admission);
      },
      authorities,
      clock,
      random,
      authenticating: () => {
        this.#become({ phase: "authenticating" });
      },
      consensus: (bytes: Uint8Array) => {
        this.#keeper.offer(bytes, (refused) => {
          this.#setProblem(refused);
        });
      },
      signalled: (signal: IncomingSignal) => {
        this.#signals.tell(signal);
      },
    };
  }

  #keepPublished(): Cancel {
    const { membership, clock } = this.#options;
    if (membership.role !== "relay") return () => undefined;
    let cancel: Cancel = () => undefined;
    const publish = (): void => {
      this.publish().catch((error: unknown) => {
        if (error instanceof TaborError) this.#setProblem(error);
      });
      cancel = clock.after(PUBLISH_INTERVAL, publish);
    };
    publish();
    return () => {
      cancel();
    };
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
    this.#states.tell(state);
  }
}

/** Over WebSocket alone: one connection, whose loss is noticed, and nothing for a cache or a proxy to replay. */
export function openSocketIo(url: string): DirectorySocket {
  return io(url, { transports: ["websocket"], reconnection: false, autoConnect: false, forceNew: true });
}
