import type { GuardAttempt, GuardChoice, GuardVerdict } from "./guards/guard-attempt.ts";
import type { GuardLinks } from "./guards/guard-links.ts";
import type { GuardSet } from "./guards/guard-set.ts";
import type { Guards } from "./guards/guards.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../directory/consensus.ts";
import { mayLink, type NatClass } from "../directory/nat.ts";
import { choosePath } from "../directory/path.ts";
import type { PathTarget } from "../directory/path-table.ts";
import { TaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { Random } from "../ports/random.ts";

export interface PathPlannerInit {
  readonly guards: Guards;
  readonly links: GuardLinks;
  /** The newest consensus. @throws no-path or expired while there is none to use. */
  readonly consensus: () => Consensus;
  /** Relays that we run ourselves. */
  readonly ours: ReadonlySet<RelayId>;
  /** What is between us and the relays, as it is now. */
  readonly nat: () => NatClass;
  readonly random: Random;
}

export interface PathWish {
  readonly target: PathTarget;
  readonly avoidExits: ReadonlySet<RelayId>;
  /** A circuit that it shall join at its exit, and share nothing else with (SPEC §14.1). */
  readonly joins?: readonly RelayEntry[];
}

/** Chooses paths, and links to the guards that they begin with. */
export class PathPlanner {
  readonly #init: PathPlannerInit;
  /** Over which a circuit has been built: if its guard falls silent, perhaps only the link is dead. */
  readonly #proven = new WeakSet<Link>();

  constructor(init: PathPlannerInit) {
    this.#init = init;
  }

  /** @throws no-path; unreachable if no guard answers, or this one does not: the next call takes another. */
  async plan(wish: PathWish): Promise<GuardedPath> {
    const guards = await this.#init.guards.load();
    const { path, choice } = this.#choose(guards, wish);
    const verdict = new Verdict();
    const attempt = guards.begin(choice, verdict.settle);
    try {
      const link = await this.#init.links.get(path[0] ?? choice.entry);
      return this.#guarded({ path, link, attempt, verdict });
    } catch (thrown) {
      if (isForWantOfToken(thrown)) attempt.closed();
      else attempt.failed();
      throw thrown;
    }
  }

  #choose(
    guards: GuardSet,
    { target, avoidExits, joins = [] }: PathWish,
  ): { path: readonly RelayEntry[]; choice: GuardChoice } {
    const { consensus, random, ours, nat } = this.#init;
    const [exit, ...others] = joins.map(({ descriptor }) => descriptor.identity).reverse();
    const avoid = new Set([...ours, ...others]);
    const request = { consensus: consensus(), random, target, avoid, avoidExits, exit };
    const chosen: { choice?: GuardChoice | undefined } = {};
    try {
      const path = choosePath({
        ...request,
        guard: (fits) => {
          const choice = guards.select(
            request.consensus,
            (relay) => fits(relay) && mayLink(nat(), relay.descriptor.nat),
          );
          // A second leg is worth a second primary guard, and no further one.
          chosen.choice = exit === undefined || choice?.isPrimary === true ? choice : undefined;
          return chosen.choice?.entry;
        },
      });
      if (chosen.choice !== undefined) return { path, choice: chosen.choice };
    } catch (thrown) {
      if (!guards.isOutOfReach || exit !== undefined) throw thrown;
      guards.retryAll();
    }
    throw new TaborError("unreachable", "link", "none of the guards answers");
  }

  #guarded({ path, link, attempt, verdict }: Omit<GuardedPath, "approve" | "ended"> & Use): GuardedPath {
    return {
      path,
      link,
      approve: () => {
        this.#proven.add(link);
        attempt.succeeded();
        return verdict.approved;
      },
      ended: (guardIsSilent) => {
        if (guardIsSilent) this.#init.links.leave(link);
        if (guardIsSilent && !this.#proven.has(link)) attempt.failed();
        else attempt.closed();
      },
    };
  }
}

/** Then the guard was not asked. */
function isForWantOfToken(thrown: unknown): boolean {
  return thrown instanceof TaborError && thrown.code === "not-authentic" && thrown.where === "directory";
}

/** The relays of a circuit to build, the link to the first, and what its guard has to be told. */
export interface GuardedPath {
  readonly path: readonly RelayEntry[];
  readonly link: Link;
  /** The circuit is built. Resolves when it may be used (SPEC §10.3). @throws closed if a better guard has answered. */
  approve(): Promise<void>;
  /** The circuit is gone, or was not begun. @param guardIsSilent whether its first hop failed. */
  ended(guardIsSilent: boolean): void;
}

interface Use {
  readonly attempt: GuardAttempt;
  readonly verdict: Verdict;
}

class Verdict {
  readonly approved: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (reason: TaborError) => void = () => undefined;

  constructor() {
    this.approved = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A circuit that has ended before is not approved any more, and nobody waits.
    this.approved.catch(() => undefined);
  }

  readonly settle = (verdict: GuardVerdict): void => {
    if (verdict === "complete") this.#resolve();
    else this.#reject(new TaborError("closed", "here", "a better guard has answered meanwhile"));
  };
}
