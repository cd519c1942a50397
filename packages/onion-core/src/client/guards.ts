import type { RelayId } from "../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../directory/consensus.ts";
import { chooseGuard } from "../directory/path.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** Where a client keeps its guards between sessions; nothing else of it is kept. */
export interface GuardStore {
  /** The guards in order of preference; empty at first. What is stored may be wrong: it is only a list of names. */
  load(): Promise<readonly RelayId[]>;
  save(guards: readonly RelayId[]): Promise<void>;
}

/** How long a guard that did not answer is passed over. */
const RETRY_AFTER_MS = 60_000;
/** More would give a hostile network more chances to become our guard. */
const MAX_GUARDS = 3;
/** Guards that are remembered, listed or not. */
const MAX_REMEMBERED = 8;

export interface GuardsDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Relays that we run ourselves. */
  readonly ours?: ReadonlySet<RelayId>;
}

/**
 * Which relay is our first hop (SPEC §10.1). Few and long-lived: whoever rotates guards meets a bad one sooner. A guard
 * that does not answer is passed over for a while, then tried again before any that were added after it.
 */
export class Guards {
  readonly #store: GuardStore;
  readonly #deps: GuardsDeps;
  readonly #failedAt = new Map<RelayId, number>();
  #guards: readonly RelayId[] | undefined;

  constructor(store: GuardStore, deps: GuardsDeps) {
    this.#store = store;
    this.#deps = deps;
  }

  /** The guard to use now. @throws no-path if the consensus lists none that may serve. */
  async choose(consensus: Consensus): Promise<RelayEntry> {
    this.#guards ??= (await this.#store.load()).slice(0, MAX_REMEMBERED);
    const listed = this.#guards
      .flatMap((id) => consensus.relaysById.get(id) ?? [])
      .filter((entry) => isServing(consensus, entry));
    const usable = listed.find((entry) => !this.#hasFailed(entry.descriptor.identity));
    if (usable !== undefined) return usable;
    return (await this.#sample(consensus, listed)) ?? this.#longestFailed(listed);
  }

  /** The guard did not answer. */
  failed(id: RelayId): void {
    this.#failedAt.set(id, this.#deps.clock.monotonic());
  }

  succeeded(id: RelayId): void {
    this.#failedAt.delete(id);
  }

  /**
   * Adds a guard while those that are listed do not answer; undefined if it may not, or there is no other. One that is not
   * listed now keeps its place before the new one: a directory that forgets relays for a moment must not move us to others.
   */
  async #sample(consensus: Consensus, listed: readonly RelayEntry[]): Promise<RelayEntry | undefined> {
    if (listed.length >= MAX_GUARDS) return undefined;
    const avoid = new Set(listed.map((entry) => entry.descriptor.identity));
    const guard = this.#another(consensus, avoid);
    if (guard === undefined) return undefined;
    this.#guards = [...this.#remembered(avoid), guard.descriptor.identity];
    await this.#store.save(this.#guards);
    return guard;
  }

  /** The guards so far, with room for one more: the first that is not listed makes it. */
  #remembered(listed: ReadonlySet<RelayId>): readonly RelayId[] {
    const guards = this.#guards ?? [];
    if (guards.length < MAX_REMEMBERED) return guards;
    const dropped = guards.findIndex((id) => !listed.has(id));
    return guards.filter((_, index) => index !== dropped);
  }

  /** @throws no-path if there is none at all. */
  #another(consensus: Consensus, avoid: ReadonlySet<RelayId>): RelayEntry | undefined {
    try {
      const { random, ours = new Set() } = this.#deps;
      return chooseGuard({ consensus, random, target: {}, avoid: new Set([...avoid, ...ours]) });
    } catch (thrown) {
      if (avoid.size === 0) throw thrown;
      return undefined;
    }
  }

  #longestFailed(listed: readonly RelayEntry[]): RelayEntry {
    const failedAt = (entry: RelayEntry): number => this.#failedAt.get(entry.descriptor.identity) ?? 0;
    return listed.reduce((oldest, entry) => (failedAt(entry) < failedAt(oldest) ? entry : oldest));
  }

  #hasFailed(id: RelayId): boolean {
    const at = this.#failedAt.get(id);
    return at !== undefined && this.#deps.clock.monotonic() - at < RETRY_AFTER_MS;
  }
}

/** Whether a relay is still listed as one that runs. */
export function isServing(consensus: Consensus, { descriptor }: RelayEntry): boolean {
  const flags = consensus.relaysById.get(descriptor.identity)?.flags;
  return flags !== undefined && flags.has("Running") && flags.has("Valid");
}
