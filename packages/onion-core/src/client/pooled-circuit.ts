import type { BuildTimes } from "./build-times.ts";
import type { CircuitInfo, CircuitState, HopInfo } from "./circuit-info.ts";
import { ClientCircuit, type ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { StreamEnd } from "../circuit/circuit-end.ts";
import type { ClientHop } from "../circuit/client-hop.ts";
import { ClientSet } from "../conflux/client-set.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Cancel } from "../ports/clock.ts";
import type { Link } from "../link/link.ts";
import { randomFraction } from "../ports/random.ts";
import { ClientStreams } from "../stream/client-streams.ts";
import type { SecondLeg, SecondLegs } from "./second-leg.ts";
import { within } from "./within.ts";

/** SPEC §10.2: no new stream after this time from the first one. */
const MAX_DIRTINESS_MS = 600_000;
/** SPEC §10.2: what the last stream has sent may still be on its way, and DESTROY would cut it off. */
const LINGER_MS = 20_000;
/** SPEC §10.2: a circuit that nobody has used for this time, or up to twice as long, is closed. */
const IDLE_MS = 1_800_000;
const ROLES = ["guard", "middle", "exit"] as const;

export interface PooledCircuitInit {
  readonly id: number;
  readonly link: Link;
  readonly path: readonly RelayEntry[];
  readonly isTest: boolean;
  /** Called when all hops are there; resolves when streams may use them (SPEC §10.3). */
  readonly approve: () => Promise<void>;
  /** With it the circuit has two legs where that can be had. */
  readonly secondLegs: SecondLegs | undefined;
  readonly buildTimes: BuildTimes;
  readonly deps: ClientCircuitDeps;
  /** Told of every change that `info` shows. */
  readonly changed: () => void;
}

/** A circuit of three hops, or two that are joined at their exit, with the streams on it, from its building to its end. */
export class PooledCircuit {
  readonly id: number;
  readonly path: readonly RelayEntry[];
  /** Resolves when streams may use it. @throws what stopped it, or timeout; it takes none then. */
  readonly built: Promise<void>;
  /** Settles when the circuit is gone; of two when both are. */
  readonly closed: Promise<TaborError>;
  /** It was begun to see how long that takes. */
  readonly isTest: boolean;
  readonly #approve: () => Promise<void>;
  readonly #secondLegs: SecondLegs | undefined;
  readonly #times: BuildTimes;
  readonly #circuit: ClientCircuit;
  readonly #deps: ClientCircuitDeps;
  readonly #changed: () => void;
  #resolveClosed: (reason: TaborError) => void = () => undefined;
  #joined: { readonly set: ClientSet; readonly second: SecondLeg } | undefined;
  #streams: ClientStreams | undefined;
  #isolation: string | undefined;
  #dirtySince: number | undefined;
  #retired = false;
  /** Stops the one timer that runs: of its age, then of its end. */
  #cancelTimer: Cancel = () => undefined;
  #state: CircuitState = { name: "building" };
  #padded: Promise<void> = Promise.resolve();

  constructor(init: PooledCircuitInit) {
    this.id = init.id;
    this.path = init.path;
    this.isTest = init.isTest;
    this.#approve = init.approve;
    this.#secondLegs = init.isTest ? undefined : init.secondLegs;
    this.#times = init.buildTimes;
    this.#deps = init.deps;
    this.#changed = init.changed;
    this.#circuit = new ClientCircuit(init.link, init.path.length, init.deps);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    void this.#circuit.closed.then((reason) => {
      if (this.#joined === undefined) this.#gone(reason);
    });
    this.built = this.#inTime(this.#build());
    // Whoever waits hears of the failure; if nobody does, `closed` tells.
    this.built.catch(() => undefined);
  }

  /** Resolves when its set-up has been padded (SPEC §13.2): closed earlier it would not look like others. Once it is built. */
  get padded(): Promise<void> {
    return this.#padded;
  }

  get exit(): RelayId | undefined {
    return this.path.at(-1)?.descriptor.identity;
  }

  /** Whether the guard at least has answered. */
  get hasHops(): boolean {
    return this.#circuit.hops.length > 0;
  }

  /** All that it goes through. */
  get relays(): readonly RelayEntry[] {
    return [...this.path, ...(this.#joined?.second.path ?? [])];
  }

  /** The streams on the exit. @throws usage before the circuit is built. */
  get streams(): ClientStreams {
    if (this.#streams === undefined) throw new TaborError("usage", "here", "the circuit is not built yet");
    return this.#streams;
  }

  get info(): CircuitInfo {
    const second = this.#joined?.second;
    return {
      id: this.id,
      state: this.#state,
      hops: hopInfos(this.path, this.#circuit.hops),
      ...(second && { secondLeg: hopInfos(second.path, second.hops) }),
      isolation: this.#isolation,
      streams: this.#streams?.count ?? 0,
    };
  }

  /** Whether a new stream of this isolation may use it: a clean circuit is anybody's. */
  takes(isolation: string): boolean {
    if (this.isTest || this.#retired || this.#isClosed || this.#streams?.isUsedUp === true) return false;
    if (this.#isolation === undefined) return true;
    return this.#isolation === isolation && !this.#isTooOld();
  }

  /** Whether it is built, and takes streams. */
  get isReady(): boolean {
    return this.#state.name === "open" && !this.#retired && !this.isTest;
  }

  /** Whether it was used, and carries no stream now. */
  get isIdle(): boolean {
    return this.#streams?.isUsed === true && this.#streams.count === 0;
  }

  get isClean(): boolean {
    return this.#isolation === undefined && !this.#retired && !this.#isClosed && !this.isTest;
  }

  /** Milliseconds that its exit took to answer the handshake; not known before. */
  get roundTripMs(): number {
    return this.#circuit.hops.at(-1)?.handshakeMs ?? Infinity;
  }

  /** Gives the circuit to an isolation, before its first stream. */
  dirty(isolation: string): void {
    if (this.#isolation !== undefined) return;
    this.#isolation = isolation;
    this.#dirtySince = this.#deps.clock.monotonic();
    this.#cancelTimer();
    // When its time is over and nothing uses it any more, there is no reason to keep it.
    this.#cancelTimer = this.#deps.clock.after(MAX_DIRTINESS_MS, () => {
      this.retire();
    });
    this.#changed();
  }

  /** Takes no more streams, and closes when the last one has ended. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#closeIfIdle();
    this.#changed();
  }

  destroy(reason: TaborError): void {
    if (this.#joined === undefined) this.#circuit.destroy(reason);
    else this.#joined.set.destroy(reason);
  }

  get #isClosed(): boolean {
    return this.#joined?.set.isClosed ?? this.#circuit.isClosed;
  }

  #gone(reason: TaborError): void {
    this.#cancelTimer();
    this.#setState({ name: "closed", reason });
    this.#resolveClosed(reason);
  }

  async #build(): Promise<void> {
    const started = this.#deps.clock.monotonic();
    const targets = this.path.map(({ descriptor: { identity, ntorKey } }) => ({ id: identity, ntorKey }));
    for (const [i, target] of targets.entries()) {
      await this.#circuit.extend(target, targets[i + 1]);
      this.#changed();
    }
    this.#times.built(this.#deps.clock.monotonic() - started);
    this.#padded = this.#circuit.pad();
  }

  /**
   * Waits for the building as long as it is worth it (SPEC §10.4): a circuit that comes later is only measured. What has not
   * come after much longer is given up.
   */
  async #inTime(building: Promise<void>): Promise<void> {
    const { clock } = this.#deps;
    const cancelClose = clock.after(this.#times.close, () => {
      this.destroy(new TaborError("timeout", "relay", "building the circuit took too long"));
    });
    // Whatever comes of it when nobody waits any more, `closed` tells.
    building.catch(() => undefined).finally(cancelClose);
    const late = (): TaborError => new TaborError("timeout", "relay", "the circuit was not built in time");
    try {
      await within(building, { clock, ms: this.#times.use, signal: undefined, late });
    } catch (thrown) {
      if (toTaborError(thrown, "relay", "building").code === "timeout") this.#isLate(building);
      throw thrown;
    }
    this.#times.outcome(false);
    await this.#approved();
    const end = await this.#joinedEnd();
    if (this.#isClosed) throw await this.closed;
    this.#open(end);
  }

  async #approved(): Promise<void> {
    const closed = this.#circuit.closed.then((reason): never => {
      throw reason;
    });
    try {
      await Promise.race([this.#approve(), closed]);
    } catch (thrown) {
      const error = toTaborError(thrown, "relay", "building a circuit");
      this.destroy(error);
      throw error;
    }
  }

  #isLate(building: Promise<void>): void {
    if (this.hasHops) this.#times.outcome(true);
    this.#retired = true;
    const end = (): void => {
      this.destroy(new TaborError("timeout", "relay", "the circuit was built too late"));
    };
    building.then(() => this.padded.then(end), end);
  }

  /** Where streams will be sent: this circuit, or this and another (SPEC §14.1). @throws what ended it meanwhile. */
  async #joinedEnd(): Promise<StreamEnd> {
    const end = this.#circuit.hops.at(-1)?.end;
    if (end === undefined) throw new TaborError("usage", "here", "a path has hops");
    const second = await this.#secondLegs?.build(this.path);
    if (second === undefined) return end;
    if (this.#circuit.isClosed) {
      const reason = await this.#circuit.closed;
      second.destroy(reason);
      throw reason;
    }
    const set = new ClientSet([end, second.end], this.#deps);
    this.#joined = { set, second };
    void set.closed.then((reason) => {
      this.#gone(reason);
    });
    try {
      await set.linked;
    } catch (thrown) {
      this.#secondLegs?.refused(second, toTaborError(thrown, "relay", "joining two circuits"));
      throw thrown;
    }
    return set.end;
  }

  #open(end: StreamEnd): void {
    this.#streams = new ClientStreams(end, () => {
      this.#streamEnded();
    });
    if (this.#isolation === undefined) this.#closeUnused();
    this.#setState({ name: "open" });
  }

  /** At a time that nobody can tell beforehand. */
  #closeUnused(): void {
    const ms = Math.floor(IDLE_MS * (1 + randomFraction(this.#deps.random)));
    this.#cancelTimer = this.#deps.clock.after(ms, () => {
      this.retire();
    });
  }

  #streamEnded(): void {
    this.#changed();
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (!this.#retired || (this.#streams?.count ?? 0) > 0) return;
    const close = (): void => {
      this.destroy(new TaborError("closed", "here", "the circuit has done its work"));
    };
    this.#cancelTimer();
    if (this.#streams?.isUsed === true) this.#cancelTimer = this.#deps.clock.after(LINGER_MS, close);
    else close();
  }

  #isTooOld(): boolean {
    return (
      this.#dirtySince !== undefined && this.#deps.clock.monotonic() - this.#dirtySince >= MAX_DIRTINESS_MS
    );
  }

  #setState(state: CircuitState): void {
    this.#state = state;
    this.#changed();
  }
}

function hopInfos(path: readonly RelayEntry[], hops: readonly ClientHop[]): HopInfo[] {
  return path.map(({ descriptor: { identity, platform }, flags }, index) => ({
    ...{ relay: identity, role: ROLES[index] ?? "exit", platform },
    readsContent: index === path.length - 1 && !flags.has("Exit"),
    handshakeMs: hops[index]?.handshakeMs,
  }));
}
