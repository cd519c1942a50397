import type { CircuitInfo } from "./circuit-info.ts";
import { PooledCircuit } from "./pooled-circuit.ts";
import type { GuardLink } from "./guard-link.ts";
import type { ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../directory/consensus.ts";
import { choosePath, exitAllows, type PathTarget } from "../directory/path.ts";
import { TaborError, toTaborError } from "../errors.ts";
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
    const circuit = this.#find(wish) ?? (await this.#start(wish));
    circuit.dirty(wish.isolation);
    await circuit.built;
    this.#keepOneReady();
    return circuit;
  }

  /** Builds a circuit ahead of demand. @throws what stopped it. */
  async prepare(): Promise<void> {
    const circuit = [...this.#circuits].find((one) => one.isClean) ?? (await this.#start(undefined));
    await circuit.built;
  }

  /** Retires the circuits of one isolation, or all of them; their streams go on. */
  retire(isolation?: string): void {
    for (const circuit of this.#circuits) {
      if (isolation === undefined || circuit.info.isolation === isolation) circuit.retire();
    }
  }

  destroyAll(reason: TaborError): void {
    for (const circuit of this.#circuits) circuit.destroy(reason);
  }

  /** One of this isolation before a clean one. */
  #find(wish: CircuitWish): PooledCircuit | undefined {
    const usable = [...this.#circuits].filter(
      (circuit) => circuit.takes(wish.isolation) && this.#fits(circuit, wish),
    );
    return usable.find((circuit) => !circuit.isClean) ?? usable[0];
  }

  #fits(circuit: PooledCircuit, { target, avoidExits }: CircuitWish): boolean {
    const exit = circuit.path.at(-1);
    return exit !== undefined && !avoidExits.has(exit.descriptor.identity) && exitAllows(exit, target);
  }

  /** Begins to build; `built` tells when it is done. */
  async #start(wish: CircuitWish | undefined): Promise<PooledCircuit> {
    if (this.#circuits.size >= MAX_CIRCUITS)
      throw new TaborError("resource-limit", "here", "too many circuits");
    const { guardLink, consensus, deps, changed } = this.#init;
    const { entry: guard, link } = await guardLink.get(consensus());
    // Another stream of the same isolation may have begun a circuit while we waited for the guard.
    const begun = wish === undefined ? undefined : this.#find(wish);
    if (begun !== undefined) return begun;
    const path = this.#choosePath(guard, wish);
    const circuit = new PooledCircuit({ id: ++this.#lastId, link, path, deps, changed });
    this.#circuits.add(circuit);
    void circuit.closed.then((reason) => {
      deps.log.debug("circuit closed", { circuit: circuit.id, code: reason.code });
      this.#circuits.delete(circuit);
      changed();
    });
    return circuit;
  }

  #choosePath(guard: RelayEntry, wish: CircuitWish | undefined): readonly RelayEntry[] {
    return choosePath({
      consensus: this.#init.consensus(),
      random: this.#init.deps.random,
      target: wish?.target ?? AHEAD,
      guard: guard.descriptor.identity,
      avoidExits: wish?.avoidExits ?? new Set(),
    });
  }

  #keepOneReady(): void {
    if ([...this.#circuits].some((circuit) => circuit.isClean)) return;
    this.prepare().catch((thrown: unknown) => {
      const { code } = toTaborError(thrown, "relay", "preparing a circuit");
      this.#init.deps.log.debug("no circuit could be kept ready", { code });
    });
  }
}
