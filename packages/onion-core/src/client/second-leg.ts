import type { BuildTimes } from "./build-times.ts";
import type { GuardedPath, PathPlanner } from "./guarded-path.ts";
import { within } from "./within.ts";
import type { CircuitEnd } from "../circuit/circuit-end.ts";
import { ClientCircuit, type ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { ClientHop } from "../circuit/client-hop.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Log } from "../ports/log.ts";

/** A circuit that joins another at its exit. */
export interface SecondLeg {
  readonly path: readonly RelayEntry[];
  readonly hops: readonly ClientHop[];
  /** At the exit. */
  readonly end: CircuitEnd;
  destroy(reason: TaborError): void;
}

export interface SecondLegsInit {
  readonly planner: PathPlanner;
  readonly times: BuildTimes;
  readonly deps: ClientCircuitDeps & { readonly log: Log };
}

/** Builds circuits that join others at their exits (SPEC §14.1). */
export class SecondLegs {
  readonly #init: SecondLegsInit;
  /** Exits that did not join two circuits: an earlier version, or one that will not. Only what a consensus lists gets here. */
  readonly #refusing = new Set<RelayId>();

  constructor(init: SecondLegsInit) {
    this.#init = init;
  }

  /** @param joins the circuit of which it is to be the second leg. Undefined where there is none to be had: then one leg has to do. */
  async build(joins: readonly RelayEntry[]): Promise<SecondLeg | undefined> {
    const exit = joins.at(-1)?.descriptor.identity;
    if (exit === undefined || this.#refusing.has(exit)) return undefined;
    const { planner, deps } = this.#init;
    try {
      const plan = await planner.plan({ target: {}, avoidExits: new Set(), joins });
      return await build(plan, this.#init);
    } catch (thrown) {
      deps.log.debug("no second leg", { code: toTaborError(thrown, "relay", "building").code });
      return undefined;
    }
  }

  /** This leg could not be joined. If its exit is why, circuits to it have one leg from now on. */
  refused({ path }: SecondLeg, { code }: TaborError): void {
    const exit = path.at(-1)?.descriptor.identity;
    if (exit !== undefined && (code === "protocol" || code === "timeout")) this.#refusing.add(exit);
  }
}

/** As long as circuits are waited for (SPEC §10.4). @throws what stopped it. */
async function build(plan: GuardedPath, { times, deps }: SecondLegsInit): Promise<SecondLeg> {
  const { path, link } = plan;
  const circuit = new ClientCircuit(link, path.length, deps);
  void circuit.closed.then((reason) => {
    plan.ended(circuit.hops.length === 0 && reason.where !== "here" && !link.isClosed);
  });
  const late = (): TaborError => new TaborError("timeout", "relay", "the second leg was not built in time");
  try {
    await within(extend(circuit, path), { clock: deps.clock, ms: times.use, signal: undefined, late });
    await plan.approve();
  } catch (thrown) {
    circuit.destroy(toTaborError(thrown, "relay", "building a second leg"));
    throw thrown;
  }
  const end = circuit.hops.at(-1)?.end;
  if (end === undefined) throw new TaborError("usage", "here", "a path has hops");
  return {
    ...{ path, hops: circuit.hops, end },
    destroy: (reason) => {
      circuit.destroy(reason);
    },
  };
}

async function extend(circuit: ClientCircuit, path: readonly RelayEntry[]): Promise<void> {
  const targets = path.map(({ descriptor: { identity, ntorKey } }) => ({ id: identity, ntorKey }));
  for (const [i, target] of targets.entries()) await circuit.extend(target, targets[i + 1]);
  void circuit.pad();
}
