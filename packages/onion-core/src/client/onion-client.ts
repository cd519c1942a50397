import type { CircuitInfo } from "./circuit-info.ts";
import { CircuitPool, type CircuitWish } from "./circuit-pool.ts";
import { Emitter } from "./emitter.ts";
import { GuardLink } from "./guard-link.ts";
import { Guards, type GuardStore } from "./guards.ts";
import type { PooledCircuit } from "./pooled-circuit.ts";
import { mayRetry, refusedByExit } from "./retry.ts";
import { BOOTSTRAP, type BootstrapStage, type ClientEvent, type ClientStatus } from "./status.ts";
import type { AddressPreference, ResolvedAnswer, StreamTarget } from "../cell/stream-bodies.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Consensus } from "../directory/consensus.ts";
import type { ChannelDialer, DirectorySource } from "../directory/source.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { Aead } from "../ports/aead.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { randomFraction, type Random } from "../ports/random.ts";
import type { Duplex } from "../stream/duplex.ts";

export interface OnionClientInit {
  readonly directory: DirectorySource;
  readonly dialer: ChannelDialer;
  readonly guards: GuardStore;
  readonly aead: Aead;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What a stream is opened with. */
export interface StreamOptions {
  /** Streams share a circuit only if these are equal: the site of the address bar, SOCKS credentials (SPEC §10.2). */
  readonly isolation: string;
  /** Sent along with BEGIN, without waiting for the exit to connect (SPEC §7.1); sent again if another exit is tried. */
  readonly early?: Uint8Array;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StreamProgress) => void;
}

/** What a person who waits for a stream is told. */
export type StreamProgress =
  | { readonly step: "circuit"; readonly attempt: number }
  | { readonly step: "connecting"; readonly attempt: number; readonly circuit: CircuitInfo }
  | { readonly step: "retrying"; readonly attempt: number; readonly reason: TaborError };

/** An open stream to a site. */
export interface ClientStream extends Duplex {
  /** The circuit that carries it, as it is now. */
  readonly circuit: CircuitInfo;
}

/** SPEC §10.2. */
const CONNECT_DEADLINES_MS = [10_000, 10_000, 15_000];
const STREAM_DEADLINE_MS = 120_000;
const MAX_ATTEMPTS = 3;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
const PREFERENCE: AddressPreference = { ipv6Allowed: true, ipv4Refused: false, ipv6Preferred: false };

/**
 * A client of the network: keeps a link to its guard and a circuit ready, and opens streams through three hops.
 *
 *     const client = new OnionClient({ directory, dialer, guards, aead, clock, random, log });
 *     const stream = await client.openStream({ host: "example.org", port: 80 }, { isolation: "example.org" });
 *     await stream.write(request);
 *     for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) show(bytes);
 */
export class OnionClient {
  readonly #init: OnionClientInit;
  readonly #events = new Emitter<ClientEvent>();
  readonly #guardLink: GuardLink;
  readonly #pool: CircuitPool;
  readonly #closing = new AbortController();
  /** Changed by `newIdentity`: streams of before and after never share a circuit. */
  #epoch = 0;
  #status: ClientStatus = { ...BOOTSTRAP.directory, problem: undefined };

  constructor(init: OnionClientInit) {
    this.#init = init;
    const guards = new Guards(init.guards, init);
    this.#guardLink = new GuardLink({ guards, dialer: init.dialer, deps: init });
    this.#pool = new CircuitPool({
      guardLink: this.#guardLink,
      consensus: () => this.#consensus(),
      deps: init,
      changed: () => {
        this.#events.emit({ type: "circuits", circuits: this.circuits });
      },
    });
    void this.#stayReady();
  }

  get status(): ClientStatus {
    return this.#status;
  }

  get circuits(): readonly CircuitInfo[] {
    return this.#pool.infos;
  }

  subscribe(listener: (event: ClientEvent) => void): Cancel {
    return this.#events.subscribe(listener);
  }

  /**
   * Opens a stream; tries other circuits and exits when that may help (SPEC §10.2).
   * @throws what the last attempt failed with; aborted; timeout after 120 s.
   */
  async openStream(target: StreamTarget, options: StreamOptions): Promise<ClientStream> {
    return this.#withRetries(target.port, options, async (circuit, attempt) => {
      options.onProgress?.({ step: "connecting", attempt, circuit: circuit.info });
      const { stream, connected } = circuit.streams.open(target, PREFERENCE);
      try {
        const early = options.early === undefined ? undefined : stream.write(options.early);
        await this.#answered(connected, attempt, options.signal);
        await early;
      } catch (thrown) {
        connected.catch(() => undefined);
        stream.abort(toTaborError(thrown, "relay", "opening a stream"));
        throw thrown;
      }
      return clientStream(stream, circuit);
    });
  }

  /** Asks an exit's resolver for a name's addresses, or an address's name. @throws as `openStream`. */
  async resolve(
    name: string,
    options: Pick<StreamOptions, "isolation" | "signal">,
  ): Promise<readonly ResolvedAnswer[]> {
    return this.#withRetries(undefined, options, (circuit, attempt) =>
      this.#answered(circuit.streams.resolve(name), attempt, options.signal),
    );
  }

  /** Streams of this isolation that are opened from now on go over another circuit; those that run keep theirs. */
  newCircuitFor(isolation: string): void {
    this.#pool.retire(this.#isolationKey(isolation));
  }

  /** Nothing that is opened from now on shares a circuit with anything before. The guard stays (SPEC §10.1). */
  newIdentity(): void {
    this.#epoch += 1;
    this.#pool.retire();
  }

  close(): void {
    const reason = new TaborError("closed", "here", "the client has stopped");
    this.#closing.abort(reason);
    this.#pool.destroyAll(reason);
    this.#guardLink.close();
  }

  /** Tries an action on one circuit after another, as long as another may help and there is time. */
  async #withRetries<T>(
    port: number | undefined,
    { isolation, signal, onProgress }: Pick<StreamOptions, "isolation" | "signal" | "onProgress">,
    action: (circuit: PooledCircuit, attempt: number) => Promise<T>,
  ): Promise<T> {
    const deadline = this.#init.clock.monotonic() + STREAM_DEADLINE_MS;
    const avoidExits = new Set<RelayId>();
    const wish: CircuitWish = { target: { port }, isolation: this.#isolationKey(isolation), avoidExits };
    for (let attempt = 1; ; attempt++) {
      onProgress?.({ step: "circuit", attempt });
      const tried: { circuit?: PooledCircuit } = {};
      try {
        throwIfAborted(signal);
        tried.circuit = await this.#pool.take(wish);
        return await action(tried.circuit, attempt);
      } catch (thrown) {
        const error = toTaborError(thrown, "relay", "opening a stream");
        const mayGoOn = attempt < MAX_ATTEMPTS && this.#init.clock.monotonic() < deadline;
        if (!mayGoOn || this.#closing.signal.aborted || !mayRetry(error)) throw error;
        learn(error, tried.circuit, avoidExits);
        onProgress?.({ step: "retrying", attempt, reason: error });
      }
    }
  }

  /** Waits for an exit's answer, at most as long as this attempt may take. */
  #answered<T>(answer: Promise<T>, attempt: number, signal: AbortSignal | undefined): Promise<T> {
    const ms = CONNECT_DEADLINES_MS[attempt - 1] ?? CONNECT_DEADLINES_MS[0] ?? 0;
    return new Promise((resolve, reject) => {
      const cancelDeadline = this.#init.clock.after(ms, () => {
        reject(new TaborError("timeout", "exit", "the exit did not answer in time"));
      });
      const abort = (): void => {
        reject(new TaborError("aborted", "here", "withdrawn"));
      };
      signal?.addEventListener("abort", abort, { once: true });
      answer.then(resolve, reject).finally(() => {
        cancelDeadline();
        signal?.removeEventListener("abort", abort);
      });
    });
  }

  /** Keeps the guard's link and a clean circuit; tells how far it has come and what is in the way. Never throws. */
  async #stayReady(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closing.signal.aborted) {
      try {
        const link = await this.#makeReady();
        retryMs = FIRST_RETRY_MS;
        await link.closed;
      } catch (thrown) {
        const problem = toTaborError(thrown, "here", "getting ready");
        this.#setStatus({ ...this.#status, problem });
        await this.#pause(retryMs * (0.5 + randomFraction(this.#init.random)));
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  async #makeReady(): Promise<Link> {
    if (this.#init.directory.current === undefined) {
      this.#stage("directory");
      await this.#nextConsensus();
    }
    this.#stage("guard");
    const { link } = await this.#guardLink.get(this.#consensus());
    this.#stage("circuit");
    await this.#pool.prepare();
    this.#stage("ready");
    return link;
  }

  #stage(stage: BootstrapStage): void {
    this.#setStatus({ ...BOOTSTRAP[stage], problem: undefined });
  }

  #setStatus(status: ClientStatus): void {
    this.#status = status;
    this.#events.emit({ type: "status", status });
  }

  #consensus(): Consensus {
    const consensus = this.#init.directory.current;
    if (consensus === undefined)
      throw new TaborError("no-path", "directory", "the directory has not answered yet");
    if (consensus.validUntil <= this.#init.clock.now()) {
      throw new TaborError("expired", "directory", "the directory has been away for too long");
    }
    return consensus;
  }

  #nextConsensus(): Promise<void> {
    return new Promise((resolve) => {
      const unsubscribe = this.#init.directory.subscribe(() => {
        unsubscribe();
        resolve();
      });
    });
  }

  /** Waits, but no longer than until the network has changed. */
  async #pause(ms: number): Promise<void> {
    let cancel: Cancel = () => undefined;
    const waited = new Promise<void>((resolve) => (cancel = this.#init.clock.after(ms, resolve)));
    await Promise.race([waited, this.#nextConsensus()]);
    cancel();
  }

  #isolationKey(isolation: string): string {
    return `${String(this.#epoch)} ${isolation}`;
  }
}

/** Keeps the next attempt away from what failed: the exit if it refused, else the whole circuit. */
function learn(error: TaborError, circuit: PooledCircuit | undefined, avoidExits: Set<RelayId>): void {
  if (circuit?.exit !== undefined && refusedByExit(error)) avoidExits.add(circuit.exit);
  else circuit?.retire();
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new TaborError("aborted", "here", "withdrawn");
}

function clientStream(stream: Duplex, circuit: PooledCircuit): ClientStream {
  return {
    read: () => stream.read(),
    write: (bytes) => stream.write(bytes),
    end: () => {
      stream.end();
    },
    abort: (error) => {
      stream.abort(error);
    },
    get circuit() {
      return circuit.info;
    },
  };
}
