import { Guard } from "./guard.ts";
import type { GuardRecord } from "./guard-records.ts";
import {
  BLUR,
  CONFIRMED_LIFETIME,
  LIFETIME,
  MAX_SAMPLE,
  MAX_SAMPLE_SHARE,
  MIN_SAMPLE,
  PRIMARY_GUARDS,
  UNLISTED_LIFETIME,
} from "./parameters.ts";
import type { RelayId } from "../../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../../directory/consensus.ts";
import { PathTable } from "../../directory/path-table.ts";
import type { Clock } from "../../ports/clock.ts";
import { randomFraction, type Random } from "../../ports/random.ts";

export interface GuardDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Relays that we run ourselves. */
  readonly ours?: ReadonlySet<RelayId> | undefined;
}

/**
 * The relays that may be our guards (SPEC §10.3). Three sets: *sampled*, drawn by weight and kept for months, so that whoever
 * offers ever more relays does not get ever more chances; *confirmed*, those that a circuit was built through, in the order in which that
 * first happened; *primary*, the three that are tried before all others.
 */
export class GuardSample {
  readonly #deps: GuardDeps;
  /** In the order in which they were sampled. */
  #sampled: Guard[];
  /** In the order in which they were confirmed. */
  #confirmed: Guard[];
  #primary: readonly Guard[] = [];
  #consensus: Consensus | undefined;

  constructor(records: readonly GuardRecord[], deps: GuardDeps) {
    this.#deps = deps;
    const guards = records.map((record) => ({ guard: new Guard(record), rank: record.confirmed?.rank }));
    this.#sampled = guards.map(({ guard }) => guard);
    this.#confirmed = guards
      .filter(({ rank }) => rank !== undefined)
      .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
      .map(({ guard }) => guard);
  }

  /** What to keep. */
  get records(): readonly GuardRecord[] {
    return this.#sampled.map((guard) => {
      const { id, addedOn, unlistedSince, confirmedOn: on } = guard;
      const confirmed = on === undefined ? undefined : { on, rank: this.#confirmed.indexOf(guard) + 1 };
      return { id, addedOn, unlistedSince, confirmed };
    });
  }

  get sampled(): readonly Guard[] {
    return this.#sampled;
  }

  get confirmed(): readonly Guard[] {
    return this.#confirmed;
  }

  /** Those that are tried first, the best first; any of them may be out of reach. */
  get primary(): readonly Guard[] {
    return this.#primary;
  }

  /** What the newest consensus says of a guard, if it may serve now. */
  entryOf({ id }: Guard): RelayEntry | undefined {
    const consensus = this.#consensus;
    const entry = consensus?.relaysById.get(id);
    if (consensus === undefined || entry === undefined || this.#deps.ours?.has(id) === true) return undefined;
    return mayServe(consensus, entry) ? entry : undefined;
  }

  /** Takes note of a consensus: who is listed, whose time is over, who is new. @returns whether it was another one. */
  update(consensus: Consensus): boolean {
    if (this.#consensus === consensus) return false;
    this.#consensus = consensus;
    const now = this.#deps.clock.now();
    for (const guard of this.#sampled) this.#noteListing(guard, consensus, now);
    this.#sampled = this.#sampled.filter((guard) => !isOver(guard, now));
    this.#confirmed = this.#confirmed.filter((guard) => !isOver(guard, now));
    this.expand();
    this.#choosePrimary();
    return true;
  }

  /** Draws more relays while fewer than 20 of the sample could be used, as far as its size allows. */
  expand(): void {
    const consensus = this.#consensus;
    if (consensus === undefined) return;
    const { guards } = PathTable.of(consensus);
    const share = Math.floor(MAX_SAMPLE_SHARE * guards.items.length);
    const most = Math.max(MIN_SAMPLE, Math.min(MAX_SAMPLE, share));
    let usable = this.#sampled.filter((guard) => guard.reachable !== "no" && this.entryOf(guard)).length;
    let counted = this.#sampled.filter((guard) => !isPassedOver(consensus, guard)).length;
    const taken = new Set([...this.#sampled.map(({ id }) => id), ...(this.#deps.ours ?? [])]);
    const hasRoom = (): boolean => counted < most && this.#sampled.length < MAX_SAMPLE;
    for (; usable < MIN_SAMPLE && hasRoom(); usable++, counted++) {
      const entry = guards.drawFitting(
        this.#deps.random,
        ({ descriptor }) => !taken.has(descriptor.identity),
      );
      if (entry === undefined) return;
      taken.add(entry.descriptor.identity);
      this.#sampled.push(this.#sample(entry.descriptor.identity));
    }
  }

  /** A circuit was built through it. */
  confirm(guard: Guard): void {
    if (guard.confirmedOn !== undefined) return;
    guard.confirmedOn = this.#blurred(BLUR.confirmed);
    this.#confirmed.push(guard);
    this.#choosePrimary();
  }

  /** A primary guard that nobody has confirmed gives way to a confirmed one; the others stay. */
  #choosePrimary(): void {
    const candidates = new Set([...this.#confirmed, ...this.#primary, ...this.#sampled]);
    const known = new Set(this.#sampled);
    const fit = [...candidates].filter((guard) => known.has(guard) && this.entryOf(guard) !== undefined);
    this.#primary = fit.slice(0, PRIMARY_GUARDS);
  }

  #sample(id: RelayId): Guard {
    const addedOn = this.#blurred(BLUR.added);
    return new Guard({ id, addedOn, unlistedSince: undefined, confirmed: undefined });
  }

  #noteListing(guard: Guard, consensus: Consensus, now: number): void {
    const entry = consensus.relaysById.get(guard.id);
    if (entry !== undefined && mayServe(consensus, entry)) guard.unlistedSince = undefined;
    else guard.unlistedSince ??= this.#blurred(BLUR.unlisted, now);
  }

  #blurred(most: number, now = this.#deps.clock.now()): number {
    return Math.max(0, Math.floor(now - randomFraction(this.#deps.random) * most));
  }
}

/**
 * A guard serves as long as it runs, with Guard or without: a relay that lost its flag for a day must not move us to another.
 * Tabs, sampled before relays that stay were listed, give way to these.
 */
function mayServe(consensus: Consensus, { flags }: RelayEntry): boolean {
  if (!flags.has("Running") || !flags.has("Valid")) return false;
  return flags.has("Stable") || !PathTable.of(consensus).listsGuards;
}

/** A tab that has given way: it takes no room from relays that stay. */
function isPassedOver(consensus: Consensus, { id }: Guard): boolean {
  const entry = consensus.relaysById.get(id);
  return entry !== undefined && !mayServe(consensus, entry);
}

function isOver({ addedOn, unlistedSince, confirmedOn }: Guard, now: number): boolean {
  if (unlistedSince !== undefined && now - unlistedSince > UNLISTED_LIFETIME) return true;
  if (now - addedOn <= LIFETIME) return false;
  return confirmedOn === undefined || now - confirmedOn > CONFIRMED_LIFETIME;
}
