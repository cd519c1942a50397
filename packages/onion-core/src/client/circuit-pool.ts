import { BuildTimeLearner } from "./build-time-learner.ts";
import { BuildTimes } from "./build-times.ts";
import type { CircuitInfo } from "./circuit-info.ts";
import { PathPlanner, type GuardedPath, type PathPlannerInit, type PathWish } from "./guarded-path.ts";
import { PooledCircuit } from "./pooled-circuit.ts";
import { ALWAYS_FETCHED, PredictedPorts } from "./predicted-ports.ts";
import { SecondLegs } from "./second-leg.ts";
import { mayBuildAgain } from "./retry.ts";
import type { ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { Consensus } from "../directory/consensus.ts";
import { exitAllows } from "../directory/path.ts";
import { PathTable, type PathTarget } from "../directory/path-table.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Log } from "../ports/log.ts";

/** What a stream needs of a circuit. Its exits to avoid are those that have refused it. */
export interface CircuitWish extends PathWish {
  readonly isolation: string;
}

const MAX_CIRCUITS = 64;
/** Of each port that is likely to be asked for: a stream takes the quickest of them. */
const CLEAN_PER_PORT = 3;
const MAX_CLEAN = 12;
/** How many circuits are begun for one wish, one after another. */
const MAX_BUILDS = 8;
/** Before the third of them; then twice as long each time. */
const FIRST_PAUSE_MS = 250;
const PRIMARY_PROBES = 3;

export interface CircuitPoolInit extends Omit<PathPlannerInit, "random"> {
  readonly deps: ClientCircuitDeps & { readonly log: Log };
  /** Whether circuits shall have two legs (SPEC §14). */
  readonly twoLegs: boolean;
  /** Something that `infos` shows has changed. */
  readonly changed: () => void;
}

/** The client's circuits: builds them, keeps clean ones ready, and gives each stream one that it may share. */
export class CircuitPool {
  readonly #init: CircuitPoolInit;
  readonly #planner: PathPlanner;
  readonly #ports: PredictedPorts;
  readonly #times = new BuildTimes();
  readonly #learner: BuildTimeLearner;
  readonly #secondLegs: SecondLegs | undefined;
  readonly #circuits = new Set<PooledCircuit>();
  #lastId = 0;
  #isProbing = false;
  #fetchExits = false;
  #endedBy: TaborError | undefined;
  #lackTold: (() => void) | undefined;

  constructor(init: CircuitPoolInit) {
    this.#init = init;
    this.#planner = new PathPlanner({ ...init, random: init.deps.random });
    this.#ports = new PredictedPorts(init.deps.clock);
    const { deps, twoLegs } = init;
    const { clock } = deps;
    this.#secondLegs = twoLegs
      ? new SecondLegs({ planner: this.#planner, times: this.#times, deps })
      : undefined;
    this.#learner = new BuildTimeLearner({ times: this.#times, clock, test: () => this.#test() });
  }

  get infos(): CircuitInfo[] {
    return [...this.#circuits].filter(({ isTest }) => !isTest).map((circuit) => circuit.info);
  }

  /**
   * A circuit for a stream, marked as its isolation's: an open one, one that is being built, or a new one; another one if that
   * fails or takes too long. @throws what stopped the last one; no-path at once.
   */
  async take(wish: CircuitWish): Promise<PooledCircuit> {
    this.#learner.used();
    this.#ports.note(wish.target);
    for (let builds = 1; ; builds++) {
      try {
        const circuit = this.#claim(wish) ?? (await this.#start(wish));
        await circuit.built;
        return circuit;
      } catch (thrown) {
        const error = toTaborError(thrown, "relay", "building a circuit");
        if (this.#endedBy !== undefined || builds === MAX_BUILDS || !mayBuildAgain(error)) throw error;
        await this.#pause(builds < 2 ? 0 : FIRST_PAUSE_MS * 2 ** (builds - 2));
      }
    }
  }

  /** Whether circuits to exits that fetch are kept where there are no others. */
  set fetchExits(areAllowed: boolean) {
    this.#fetchExits = areAllowed;
    this.#lackTold?.();
  }

  /** Whether some relay is an exit that allows the target; false also while nothing is known of the network. */
  hasExitFor(target: PathTarget): boolean {
    try {
      return PathTable.of(this.#init.consensus())
        .tiers(target)
        .some(({ exits }) => exits.items.length > 0);
    } catch {
      return false;
    }
  }

  /** Builds a circuit ahead of demand, or waits for one that is being built. @throws what stopped it. */
  async prepare(target: PathTarget): Promise<void> {
    const circuit = await this.#start({ target, avoidExits: new Set() });
    await circuit.built;
  }

  /** What has too few clean circuits, as soon as something has; undefined when the client has stopped. Asked by one at a time. */
  async nextLack(): Promise<PathTarget | undefined> {
    for (;;) {
      const target = this.#lack();
      if (target !== undefined || this.#endedBy !== undefined) return target;
      await new Promise<void>((resolve) => (this.#lackTold = resolve));
    }
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
      if (!circuit.relays.every(({ descriptor }) => relaysById.has(descriptor.identity))) circuit.retire();
    }
  }

  destroyAll(reason: TaborError): void {
    this.#endedBy = reason;
    this.#learner.stop();
    for (const circuit of this.#circuits) circuit.destroy(reason);
    this.#lackTold?.();
  }

  /** Builds a circuit to see how long it takes, and ends it. @throws what stopped it. */
  async #test(): Promise<void> {
    const circuit = await this.#start({ target: {}, avoidExits: new Set() }, { isTest: true });
    await circuit.built;
    await circuit.padded;
    circuit.destroy(new TaborError("closed", "here", "the circuit was a test"));
  }

  #lack(): PathTarget | undefined {
    if (this.#endedBy !== undefined) return undefined;
    const clean = [...this.#circuits].filter((circuit) => circuit.isClean);
    if (clean.length >= MAX_CLEAN) return undefined;
    const allowing = (target: PathTarget): number =>
      clean.filter(({ path }) => exitOf(path, target) !== undefined).length;
    return this.#wanted.find((target) => allowing(target) < CLEAN_PER_PORT);
  }

  get #wanted(): readonly PathTarget[] {
    const { targets } = this.#ports;
    const reachable = (some: readonly PathTarget[]): readonly PathTarget[] =>
      some.filter((target) => this.hasExitFor(target));
    const served = [reachable(targets), this.#fetchExits ? reachable(ALWAYS_FETCHED) : []];
    // Where no exit allows any of them, trying tells the person so.
    return served.find((some) => some.length > 0) ?? targets.slice(0, 1);
  }

  /** One of this isolation before a clean one, which becomes this isolation's at once: nobody else may find it clean. */
  #claim(wish: CircuitWish): PooledCircuit | undefined {
    const usable = [...this.#circuits].filter(
      (circuit) => circuit.takes(wish.isolation) && this.#fits(circuit, wish),
    );
    const circuit = usable.find((one) => !one.isClean) ?? quickest(usable);
    circuit?.dirty(wish.isolation);
    return circuit;
  }

  #fits({ path }: PooledCircuit, { target, avoidExits }: CircuitWish): boolean {
    const exit = exitOf(path, target);
    return exit !== undefined && !avoidExits.has(exit.descriptor.identity);
  }

  /** Begins to build; `built` tells when it is done. */
  async #start(wish: PathWish | CircuitWish, { isTest = false } = {}): Promise<PooledCircuit> {
    this.#makeRoom();
    const plan = await this.#planner.plan(wish);
    // Another stream of the same isolation may have begun a circuit while we waited for the guard.
    const begun = "isolation" in wish ? this.#claim(wish) : undefined;
    if (begun !== undefined || this.#endedBy !== undefined) plan.ended(false);
    if (this.#endedBy !== undefined) throw this.#endedBy;
    if (begun !== undefined) return begun;
    const circuit = this.#build(plan, isTest);
    if ("isolation" in wish) circuit.dirty(wish.isolation);
    return circuit;
  }

  #build(plan: GuardedPath, isTest: boolean): PooledCircuit {
    const { deps, changed } = this.#init;
    const approve = (): Promise<void> => {
      const approved = plan.approve();
      void this.#probePrimary();
      return approved;
    };
    const { link, path } = plan;
    const circuit = new PooledCircuit({
      ...{ id: ++this.#lastId, link, path, isTest, approve, buildTimes: this.#times, deps },
      secondLegs: this.#secondLegs,
      changed: () => {
        changed();
        this.#lackTold?.();
      },
    });
    this.#circuits.add(circuit);
    void circuit.closed.then((reason) => {
      deps.log.debug("circuit closed", { circuit: circuit.id, code: reason.code });
      this.#circuits.delete(circuit);
      // A guard that is linked but makes no circuit would hold us for ever.
      plan.ended(!circuit.hasHops && reason.where !== "here" && !link.isClosed);
      changed();
      this.#lackTold?.();
    });
    return circuit;
  }

  /** While a circuit waits for better guards to answer, these are tried. */
  async #probePrimary(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    for (let i = 0; i < PRIMARY_PROBES && this.#init.guards.current?.wantsPrimary === true; i++) {
      await this.prepare({}).catch(() => undefined);
    }
    this.#isProbing = false;
  }

  /** @throws resource-limit if streams run over all circuits. */
  #makeRoom(): void {
    if (this.#circuits.size < MAX_CIRCUITS) return;
    const idle = [...this.#circuits].find((circuit) => circuit.isIdle);
    if (idle === undefined) throw new TaborError("resource-limit", "here", "too many circuits");
    idle.destroy(new TaborError("closed", "here", "the circuit made room for another"));
    this.#circuits.delete(idle);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#init.deps.clock.after(ms, resolve));
  }
}

function exitOf(path: PooledCircuit["path"], target: PathTarget): PooledCircuit["path"][number] | undefined {
  const exit = path.at(-1);
  return exit !== undefined && exitAllows(exit, target) ? exit : undefined;
}

/** Of circuits that are open the one whose exit answered soonest; before any that is still being built. */
function quickest(circuits: readonly PooledCircuit[]): PooledCircuit | undefined {
  const rank = (circuit: PooledCircuit): number => (circuit.isReady ? circuit.roundTripMs : Infinity);
  return [...circuits].sort((a, b) => compare(rank(a), rank(b)))[0];
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
