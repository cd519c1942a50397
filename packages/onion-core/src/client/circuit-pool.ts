import type { CircuitInfo } from "./circuit-info.ts";
import { PooledCircuit } from "./pooled-circuit.ts";
import type { GuardLink, LinkedGuard } from "./guard-link.ts";
import type { ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../directory/consensus.ts";
import { choosePath, exitAllows, type PathTarget } from "../directory/path.ts";
import { TaborError } from "../errors.ts";
import type { Log } from "../ports/log.ts";

/** What a stream needs of a circuit. */
export interface CircuitWish {
  readonly target: PathTarget;
  readonly isolation: string;
  /** Exits that have refused this stream. */
  readonly avoidExits: ReadonlySet<RelayId>;
}

/** The most usual port: what a circuit that is built ahead of demand must allow. */
const AHEAD: PathTarget = { port: 443 };
const MAX_CIRCUITS = 64;

export interface CircuitPoolInit {
  readonly guardLink: GuardLink;
  /** The newest consensus. @throws no-path while there is none. */
  readonly consensus: () => Consensus;
  /** Relays that we run ourselves. */
  readonly ours: ReadonlySet<RelayId>;
  readonly deps: ClientCircuitDeps & { readonly log: Log };
  /** Something that `infos` shows has changed. */
  readonly changed: () => void;
}

/** The client's circuits: builds them, keeps one clean one ready, and gives each stream one that it may share. */
export class CircuitPool {
  readonly #init: CircuitPoolInit;
  readonly #circuits = new Set<PooledCircuit>();
  #lastId = 0;

  constructor(init: CircuitPoolInit) {
    this.#init = init;
  }

  get infos(): CircuitInfo[] {
    return [...this.#circuits].map((circuit) => circuit.info);
  }

  /** A circuit for a stream, marked as its isolation's: an open one, one that is being built, or a new one. */
  async take(wish: CircuitWish): Promise<PooledCircuit> {
    const circuit = this.#claim(wish) ?? (await this.#start(wish));
    await circuit.built;
    return circuit;
  }

  /** Builds a circuit ahead of demand, unless there is one. @throws what stopped it. */
  async prepare(): Promise<PooledCircuit> {
    const circuit = [...this.#circuits].find((one) => one.isClean) ?? (await this.#start(undefined));
    await circuit.built;
    return circuit;
  }

  /** Whether some stream could be opened at once. */
  get isReady(): boolean {
    return [...this.#circuits].some((circuit) => circuit.isReady);
  }

  /** Retires the circuits of one isolation, or all of them; their streams go on. */
  retire(isolation?: string): void {
    for (const circuit of this.#circuits) {
      if (isolation === undefined || circuit.info.isolation === isolation) circuit.retire();
    }
  }

  /**
   * Retires the circuits through relays that are not listed any more: a relay that went without a word is noticed by the
   * directory long before a link times out. They are not destroyed, since a directory that lost its memory lists nobody.
   */
  retireUnlisted({ relaysById }: Consensus): void {
    for (const circuit of this.#circuits) {
      if (!circuit.path.every(({ descriptor }) => relaysById.has(descriptor.identity))) circuit.retire();
    }
  }

  destroyAll(reason: TaborError): void {
    for (const circuit of this.#circuits) circuit.destroy(reason);
  }

  /** One of this isolation before a clean one, which becomes this isolation's at once: nobody else may find it clean. */
  #claim(wish: CircuitWish): PooledCircuit | undefined {
    const usable = [...this.#circuits].filter(
      (circuit) => circuit.takes(wish.isolation) && this.#fits(circuit, wish),
    );
    const circuit = usable.find((one) => !one.isClean) ?? usable[0];
    circuit?.dirty(wish.isolation);
    return circuit;
  }

  #fits(circuit: PooledCircuit, { target, avoidExits }: CircuitWish): boolean {
    const exit = circuit.path.at(-1);
    return exit !== undefined && !avoidExits.has(exit.descriptor.identity) && exitAllows(exit, target);
  }

  /** Begins to build; `built` tells when it is done. */
  async #start(wish: CircuitWish | undefined): Promise<PooledCircuit> {
    this.#makeRoom();
    const { guardLink, consensus, deps, changed } = this.#init;
    const guard = await guardLink.get(consensus());
    // Another stream of the same isolation may have begun a circuit while we waited for the guard.
    const begun = wish === undefined ? undefined : this.#claim(wish);
    if (begun !== undefined) return begun;
    const path = this.#choosePath(guard.entry, wish);
    const circuit = new PooledCircuit({ id: ++this.#lastId, link: guard.link, path, deps, changed });
    if (wish !== undefined) circuit.dirty(wish.isolation);
    this.#circuits.add(circuit);
    void circuit.closed.then((reason) => {
      this.#closed(circuit, reason, guard);
    });
    return circuit;
  }

  /** @throws resource-limit if streams run over all circuits. */
  #makeRoom(): void {
    if (this.#circuits.size < MAX_CIRCUITS) return;
    const idle = [...this.#circuits].find((circuit) => circuit.isIdle);
    if (idle === undefined) throw new TaborError("resource-limit", "here", "too many circuits");
    idle.destroy(new TaborError("closed", "here", "the circuit made room for another"));
    this.#circuits.delete(idle);
  }

  #closed(circuit: PooledCircuit, reason: TaborError, guard: LinkedGuard): void {
    const { guardLink, deps, changed } = this.#init;
    deps.log.debug("circuit closed", { circuit: circuit.id, code: reason.code });
    this.#circuits.delete(circuit);
    // A guard that is linked but makes no circuit would hold us for ever.
    if (!circuit.hasHops && reason.where !== "here" && !guard.link.isClosed) guardLink.failed(guard);
    changed();
  }

  #choosePath(guard: RelayEntry, wish: CircuitWish | undefined): readonly RelayEntry[] {
    return choosePath({
      consensus: this.#init.consensus(),
      random: this.#init.deps.random,
      target: wish?.target ?? AHEAD,
      guard: guard.descriptor.identity,
      avoid: this.#init.ours,
      avoidExits: wish?.avoidExits ?? new Set(),
    });
  }
}
