import type { CircuitInfo, CircuitState, HopInfo } from "./circuit-info.ts";
import { ClientCircuit, type ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { TaborError } from "../errors.ts";
import type { Cancel } from "../ports/clock.ts";
import type { Link } from "../link/link.ts";
import { ClientStreams } from "../stream/client-streams.ts";

/** SPEC §10.2. */
const BUILD_DEADLINE_MS = 30_000;
/** SPEC §10.2: no new stream after this time from the first one. */
const MAX_DIRTINESS_MS = 600_000;
/** SPEC §10.2: what the last stream has sent may still be on its way, and DESTROY would cut it off. */
const LINGER_MS = 20_000;
const ROLES = ["guard", "middle", "exit"] as const;

/** A circuit of three hops with the streams on its exit, from its building to its end. */
export class PooledCircuit {
  readonly id: number;
  readonly path: readonly RelayEntry[];
  /** Resolves when all hops are there. @throws what stopped it; the circuit is then gone. */
  readonly built: Promise<void>;
  /** Resolves when the circuit is no longer clean. @throws what ended it before anybody used it. */
  readonly spent: Promise<void>;
  readonly #circuit: ClientCircuit;
  readonly #deps: ClientCircuitDeps;
  readonly #changed: () => void;
  #streams: ClientStreams | undefined;
  #isolation: string | undefined;
  #dirtySince: number | undefined;
  #retired = false;
  /** Stops the one timer that runs: of its age, then of its end. */
  #cancelTimer: Cancel = () => undefined;
  #spend: () => void = () => undefined;
  #state: CircuitState = { name: "building" };

  /** @param changed is told of every change that `info` shows. */
  constructor(init: {
    id: number;
    link: Link;
    path: readonly RelayEntry[];
    deps: ClientCircuitDeps;
    changed: () => void;
  }) {
    this.id = init.id;
    this.path = init.path;
    this.#deps = init.deps;
    this.#changed = init.changed;
    this.#circuit = new ClientCircuit(init.link, init.path.length, init.deps);
    this.spent = new Promise((resolve, reject) => {
      this.#spend = resolve;
      void this.#circuit.closed.then(reject);
    });
    void this.#circuit.closed.then((reason) => {
      this.#cancelTimer();
      this.#setState({ name: "closed", reason });
    });
    this.built = this.#build();
    // Whoever waits hears of the failure; if nobody does, `closed` tells.
    for (const waited of [this.built, this.spent]) waited.catch(() => undefined);
  }

  /** Settles when the circuit is gone. */
  get closed(): Promise<TaborError> {
    return this.#circuit.closed;
  }

  get exit(): RelayId | undefined {
    return this.path.at(-1)?.descriptor.identity;
  }

  /** Whether the guard at least has answered. */
  get hasHops(): boolean {
    return this.#circuit.hops.length > 0;
  }

  /** The streams on the exit. @throws usage before the circuit is built. */
  get streams(): ClientStreams {
    if (this.#streams === undefined) throw new TaborError("usage", "here", "the circuit is not built yet");
    return this.#streams;
  }

  get info(): CircuitInfo {
    return {
      id: this.id,
      state: this.#state,
      hops: this.path.map((entry, index) => this.#hopInfo(entry, index)),
      isolation: this.#isolation,
      streams: this.#streams?.count ?? 0,
    };
  }

  /** Whether a new stream of this isolation may use it: a clean circuit is anybody's. */
  takes(isolation: string): boolean {
    if (this.#retired || this.#circuit.isClosed || this.#streams?.isUsedUp === true) return false;
    if (this.#isolation === undefined) return true;
    return this.#isolation === isolation && !this.#isTooOld();
  }

  /** Whether it is built, and takes streams. */
  get isReady(): boolean {
    return this.#state.name === "open" && !this.#retired;
  }

  /** Whether it was used, and carries no stream now. */
  get isIdle(): boolean {
    return this.#streams?.isUsed === true && this.#streams.count === 0;
  }

  get isClean(): boolean {
    return this.#isolation === undefined && !this.#retired && !this.#circuit.isClosed;
  }

  /** Gives the circuit to an isolation, before its first stream. */
  dirty(isolation: string): void {
    if (this.#isolation !== undefined) return;
    this.#isolation = isolation;
    this.#dirtySince = this.#deps.clock.monotonic();
    // When its time is over and nothing uses it any more, there is no reason to keep it.
    this.#cancelTimer = this.#deps.clock.after(MAX_DIRTINESS_MS, () => {
      this.retire();
    });
    this.#spend();
    this.#changed();
  }

  /** Takes no more streams, and closes when the last one has ended. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#spend();
    this.#closeIfIdle();
  }

  destroy(reason: TaborError): void {
    this.#circuit.destroy(reason);
  }

  async #build(): Promise<void> {
    const cancelDeadline = this.#deps.clock.after(BUILD_DEADLINE_MS, () => {
      this.destroy(new TaborError("timeout", "relay", "building the circuit took too long"));
    });
    try {
      for (const { descriptor } of this.path) {
        await this.#circuit.extend({ id: descriptor.identity, ntorKey: descriptor.ntorKey });
        this.#changed();
      }
      this.#open();
    } finally {
      cancelDeadline();
    }
  }

  #open(): void {
    const end = this.#circuit.hops.at(-1)?.end;
    if (end === undefined) throw new TaborError("usage", "here", "a path has hops");
    this.#streams = new ClientStreams(end, () => {
      this.#streamEnded();
    });
    this.#setState({ name: "open" });
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

  #hopInfo(entry: RelayEntry, index: number): HopInfo {
    return {
      relay: entry.descriptor.identity,
      role: ROLES[index] ?? "exit",
      platform: entry.descriptor.platform,
      handshakeMs: this.#circuit.hops[index]?.handshakeMs,
    };
  }

  #setState(state: CircuitState): void {
    this.#state = state;
    this.#changed();
  }
}
