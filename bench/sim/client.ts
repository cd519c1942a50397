import type { SimClock } from "./sim-clock.ts";
import type { SimNetwork } from "./network.ts";
import type {
  GuardAttempt,
  GuardChoice,
  GuardVerdict,
} from "../../packages/onion-core/src/client/guards/guard-attempt.ts";
import type { GuardRecord } from "../../packages/onion-core/src/client/guards/guard-records.ts";
import { GuardSet } from "../../packages/onion-core/src/client/guards/guard-set.ts";
import type { RelayId } from "../../packages/onion-core/src/crypto/ids.ts";
import type { Consensus, RelayEntry } from "../../packages/onion-core/src/directory/consensus.ts";
import { choosePath } from "../../packages/onion-core/src/directory/path.ts";
import { TaborError } from "../../packages/onion-core/src/errors.ts";
import type { SeededRandom } from "../../packages/onion-core/src/testing/seeded-random.ts";

export interface SimWorld {
  readonly clock: SimClock;
  readonly random: SeededRandom;
  readonly network: SimNetwork;
}

const TARGET = { port: 443 };
const MAX_TRIES = 30;

/** A client that chooses guards and paths as `OnionClient` does, and learns at once what comes of them. */
export class SimClient {
  readonly #world: SimWorld;
  #kept: readonly GuardRecord[] = [];
  #guards: GuardSet | undefined;
  #open: GuardAttempt | undefined;
  /** Guards that a circuit was built through. */
  readonly guards = new Set<RelayId>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** A session begins: with what the last one kept. */
  start(): void {
    this.#guards = new GuardSet(this.#kept, this.#world);
  }

  /** It ends: only the records of the guards are left. */
  stop(): void {
    this.#open?.closed();
    this.#open = undefined;
    this.#kept = this.#guards?.records ?? [];
    this.#guards = undefined;
  }

  /** A circuit for the next ten minutes; the one before ends. Undefined if none could be built. */
  circuit(consensus: Consensus): readonly RelayEntry[] | undefined {
    if (this.#guards === undefined) throw new Error("no session");
    this.#open?.closed();
    this.#open = undefined;
    for (let i = 0; i < MAX_TRIES; i++) {
      const path = this.#build(this.#guards, consensus);
      if (path !== undefined) return path;
    }
    return undefined;
  }

  #build(guards: GuardSet, consensus: Consensus): readonly RelayEntry[] | undefined {
    const { random } = this.#world;
    const chosen: { choice?: GuardChoice | undefined } = {};
    const path = pathOrNothing(() =>
      choosePath({
        ...{ consensus, random, target: TARGET },
        guard: (fits) => (chosen.choice = guards.select(consensus, fits))?.entry,
      }),
    );
    if (path === undefined || chosen.choice === undefined) {
      guards.retryAll();
      return undefined;
    }
    return this.#try(guards, chosen.choice, path);
  }

  #try(
    guards: GuardSet,
    choice: GuardChoice,
    path: readonly RelayEntry[],
  ): readonly RelayEntry[] | undefined {
    const told: { verdict?: GuardVerdict } = {};
    const attempt = guards.begin(choice, (verdict) => (told.verdict = verdict));
    const [guardIsUp, ...othersAreUp] = path.map((relay) => this.#isUp(relay));
    if (guardIsUp !== true) attempt.failed();
    else if (!othersAreUp.every(Boolean)) attempt.closed();
    else attempt.succeeded();
    if (guardIsUp !== true || !othersAreUp.every(Boolean)) return undefined;
    this.guards.add(choice.guard.id);
    // One that has to wait for better guards leaves the field to them: these are tried next.
    if (told.verdict !== "complete") {
      attempt.closed();
      return undefined;
    }
    this.#open = attempt;
    return path;
  }

  #isUp({ descriptor }: RelayEntry): boolean {
    const { network, clock } = this.#world;
    return network.isUp(descriptor.identity, clock.monotonic());
  }
}

function pathOrNothing(choose: () => readonly RelayEntry[]): readonly RelayEntry[] | undefined {
  try {
    return choose();
  } catch (thrown) {
    if (thrown instanceof TaborError && thrown.code === "no-path") return undefined;
    throw thrown;
  }
}
