import type { CircuitInfo } from "./circuit-info.ts";
import { CircuitPool, type CircuitWish } from "./circuit-pool.ts";
import { Emitter } from "./emitter.ts";
import { GuardLinks } from "./guards/guard-links.ts";
import { Guards, type GuardStore } from "./guards/guards.ts";
import type { PooledCircuit } from "./pooled-circuit.ts";
import { within } from "./within.ts";
import { mayRetry, refusedByExit } from "./retry.ts";
import { Readiness } from "./readiness.ts";
import type { ClientEvent, ClientStatus } from "./status.ts";
import {
  ANY_ADDRESS,
  requireName,
  requireTarget,
  type FetchOrigin,
  type ResolvedAnswer,
  type StreamTarget,
} from "../cell/stream-bodies.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Consensus } from "../directory/consensus.ts";
import type { PathTarget } from "../directory/path-table.ts";
import type { NatClass } from "../directory/nat.ts";
import type { ChannelDialer, DirectorySource } from "../directory/source.ts";
import { TaborError, toTaborError } from "../errors.ts";
import { NO_TOKENS, type GuardTokens } from "../handshake/link-gate.ts";
import { keysAhead } from "../handshake/keys-ahead.ts";
import type { PaddingMode } from "../padding/silence.ts";
import type { Primitives } from "../ports/primitives.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { ClientStreams, PendingStream } from "../stream/client-streams.ts";
import type { Duplex } from "../stream/duplex.ts";

export interface OnionClientInit {
  readonly directory: DirectorySource;
  readonly dialer: ChannelDialer;
  readonly guards: GuardStore;
  /** Relays that we run ourselves, as they are now: a path through them would hide us from nobody. */
  readonly ours?: ReadonlySet<RelayId>;
  /** What is between us and the relays, as it is now: guards that it keeps from us are passed over. */
  readonly nat?: () => NatClass;
  /** What it shows to guards; nothing unless given. */
  readonly tokens?: GuardTokens;
  /** How much padding it spends (SPEC §13); normal unless it says so. */
  readonly padding?: PaddingMode;
  /** Each circuit has two legs where the network allows it: another guard and middle to the same exit (SPEC §14). Off unless it says so. */
  readonly twoLegs?: boolean;
  readonly primitives: Primitives;
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

/** `stream`: carries bytes, and of https sees none. `fetch`: speaks with the site in our place (SPEC §7.5). */
export type ExitKind = "stream" | "fetch";

/** An open stream to a site. */
export interface ClientStream extends Duplex {
  /** The circuit that carries it, as it is now. */
  readonly circuit: CircuitInfo;
}

/** One try to do something over a circuit. */
interface Attempt {
  /** 1, 2, … */
  readonly attempt: number;
  /** Waits for the exit's answer, no longer than this attempt may take. */
  readonly answered: <T>(answer: Promise<T>) => Promise<T>;
}

/** SPEC §10.2. */
const CONNECT_DEADLINES_MS = [10_000, 10_000, 15_000];
const STREAM_DEADLINE_MS = 120_000;
const MAX_ATTEMPTS = 3;

/**
 * A client of the network: keeps circuits ready, and opens streams through three hops.
 *
 *     const client = new OnionClient({ directory, dialer, guards, primitives, clock, random, log });
 *     const stream = await client.openStream({ host: "example.org", port: 80 }, { isolation: "example.org" });
 *     await stream.write(request);
 *     for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) show(bytes);
 */
export class OnionClient {
  readonly #init: OnionClientInit;
  readonly #events = new Emitter<ClientEvent>();
  readonly #guards: Guards;
  readonly #links: GuardLinks;
  readonly #pool: CircuitPool;
  readonly #readiness: Readiness;
  readonly #closing = new AbortController();
  #fetchExits = false;
  /** Changed by `newIdentity`: streams of before and after never share a circuit. */
  #epoch = 0;
  readonly #unsubscribe: Cancel;

  constructor(init: OnionClientInit) {
    this.#init = init;
    this.#guards = new Guards(init.guards, init);
    this.#links = new GuardLinks({
      dialer: init.dialer,
      deps: init,
      padding: init.padding ?? "normal",
      tokens: init.tokens ?? NO_TOKENS,
      opened: () => {
        this.#readiness.linked();
      },
    });
    this.#pool = new CircuitPool({
      guards: this.#guards,
      links: this.#links,
      consensus: () => this.#consensus(),
      ours: init.ours ?? new Set(),
      nat: init.nat ?? (() => "unknown"),
      twoLegs: init.twoLegs ?? false,
      deps: { ...init, primitives: withKeysAhead(init) },
      changed: () => {
        this.#events.emit({ type: "circuits", circuits: this.circuits });
      },
    });
    this.#readiness = new Readiness({
      ...init,
      links: this.#links,
      pool: this.#pool,
      closing: this.#closing.signal,
      changed: (status) => {
        this.#events.emit({ type: "status", status });
      },
    });
    this.#unsubscribe = init.directory.subscribe((consensus) => {
      this.#pool.retireUnlisted(consensus);
    });
    void this.#readiness.run();
  }

  get status(): ClientStatus {
    return this.#readiness.status;
  }

  get circuits(): readonly CircuitInfo[] {
    return this.#pool.infos;
  }

  subscribe(listener: (event: ClientEvent) => void): Cancel {
    return this.#events.subscribe(listener);
  }

  /**
   * Opens a stream; tries other circuits and exits when that may help (SPEC §10.2).
   * @throws what the last attempt failed with; aborted; timeout after 120 s; usage for a target that cannot be.
   */
  async openStream(target: StreamTarget, options: StreamOptions): Promise<ClientStream> {
    requireTarget(target);
    return this.#open(pathTarget(target), options, (streams) => streams.open(target, ANY_ADDRESS));
  }

  /**
   * Opens a stream to an exit that fetches, on which to speak HTTP/1.1 in plain: **it reads and can change what it carries, also of
   * `https`** (SPEC §7.5). @throws as `openStream`; usage unless such exits may be used.
   */
  async openFetch(origin: FetchOrigin, options: StreamOptions): Promise<ClientStream> {
    requireTarget(origin);
    if (!this.#fetchExits) throw new TaborError("usage", "here", "exits that fetch are not allowed");
    return this.#open({ port: origin.port, fetch: true }, options, (streams) => streams.fetch(origin));
  }

  /** Whether exits that fetch may be used where no other serves; at first not. Only who is asked may say yes: such an exit reads all. */
  allowFetchExits(areAllowed: boolean): void {
    this.#fetchExits = areAllowed;
    this.#pool.fetchExits = areAllowed;
  }

  /** Which kind of exit a stream to this target needs: `fetch` only if such are allowed, and no other serves its port. */
  exitKindFor(target: StreamTarget): ExitKind {
    if (!this.#fetchExits || this.#pool.hasExitFor(pathTarget(target))) return "stream";
    return this.#pool.hasExitFor({ port: target.port, fetch: true }) ? "fetch" : "stream";
  }

  #open(
    target: PathTarget,
    options: StreamOptions,
    begin: (streams: ClientStreams) => PendingStream,
  ): Promise<ClientStream> {
    return this.#withRetries(target, options, async (circuit, { attempt, answered }) => {
      options.onProgress?.({ step: "connecting", attempt, circuit: circuit.info });
      const { stream, connected } = begin(circuit.streams);
      const early = stream.write(options.early ?? new Uint8Array(0));
      // If the exit refuses, this fails too, and nobody comes to await it.
      early.catch(() => undefined);
      try {
        await answered(connected);
        await early;
      } catch (thrown) {
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
    requireName(name);
    return this.#withRetries({}, options, (circuit, { answered }) => answered(circuit.streams.resolve(name)));
  }

  /** Streams of this isolation that are opened from now on go over another circuit; those that run keep theirs. */
  newCircuitFor(isolation: string): void {
    this.#pool.retire(this.#isolationKey(isolation));
  }

  /** Nothing that is opened from now on shares a circuit with anything before. The guards stay (SPEC §10.3). */
  newIdentity(): void {
    this.#epoch += 1;
    this.#pool.retire();
  }

  /** To be called when what was lost may be had again, as when the device has a network again: what waits for its next try tries now. */
  hurry(): void {
    // That they did not answer may have been for want of a network.
    this.#guards.current?.retryAll();
    this.#readiness.hurry();
  }

  close(): void {
    const reason = new TaborError("closed", "here", "the client has stopped");
    this.#unsubscribe();
    this.#closing.abort(reason);
    this.#pool.destroyAll(reason);
    this.#links.close();
  }

  /** Tries an action on one circuit after another, as long as another may help and there is time. */
  async #withRetries<T>(
    target: PathTarget,
    { isolation, signal, onProgress }: Pick<StreamOptions, "isolation" | "signal" | "onProgress">,
    action: (circuit: PooledCircuit, attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#init;
    const deadline = clock.monotonic() + STREAM_DEADLINE_MS;
    const wait = <U>(promise: Promise<U>, ms: number, late: () => TaborError): Promise<U> =>
      within(promise, { clock, ms: Math.min(ms, deadline - clock.monotonic()), signal, late });
    const avoidExits = new Set<RelayId>();
    const wish: CircuitWish = { target, isolation: this.#isolationKey(isolation), avoidExits };
    let last: TaborError | undefined;
    for (let attempt = 1; ; attempt++) {
      this.#requireOpen();
      onProgress?.({ step: "circuit", attempt });
      const tried: { circuit?: PooledCircuit } = {};
      try {
        throwIfAborted(signal);
        tried.circuit = await wait(this.#pool.take(wish), STREAM_DEADLINE_MS, noCircuitInTime);
        const ms = CONNECT_DEADLINES_MS[attempt - 1] ?? 0;
        return await action(tried.circuit, {
          attempt,
          answered: (answer) => wait(answer, ms, noAnswerInTime),
        });
      } catch (thrown) {
        const error = toTaborError(thrown, "relay", "opening a stream");
        const mayGoOn = attempt < MAX_ATTEMPTS && clock.monotonic() < deadline;
        // When no exit is left, what the last one said tells more.
        if (error.code === "no-path" && last !== undefined) throw last;
        if (!mayGoOn || this.#closing.signal.aborted || !mayRetry(error)) throw error;
        last = error;
        learn(error, tried.circuit, avoidExits);
        onProgress?.({ step: "retrying", attempt, reason: error });
      }
    }
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

  /** @throws closed. */
  #requireOpen(): void {
    const { aborted, reason } = this.#closing.signal;
    if (aborted) throw toTaborError(reason, "here", "opening a stream");
  }

  #isolationKey(isolation: string): string {
    return `${String(this.#epoch)} ${isolation}`;
  }
}

function pathTarget({ host, port }: StreamTarget): PathTarget {
  return { port, ipv6: host.includes(":") };
}

/** Keeps the next attempt away from what failed: the exit if it refused, else the whole circuit. */
function learn(error: TaborError, circuit: PooledCircuit | undefined, avoidExits: Set<RelayId>): void {
  if (circuit?.exit !== undefined && refusedByExit(error)) avoidExits.add(circuit.exit);
  else circuit?.retire();
}

function noCircuitInTime(): TaborError {
  return new TaborError("timeout", "relay", "no circuit was ready in time");
}

function noAnswerInTime(): TaborError {
  return new TaborError("timeout", "exit", "the exit did not answer in time");
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

function withKeysAhead({ primitives, clock }: OnionClientInit): Primitives {
  return { ...primitives, handshake: keysAhead(primitives.handshake, clock) };
}
