import type { Consensus, RelayEntry, RelayFlag } from "./consensus.ts";
import { PolicySummary, REJECT_ALL } from "./policy-summary.ts";
import { positionWeight, type Position } from "./position-weight.ts";
import { WeightedList } from "./weighted-choice.ts";

/** What the exit must allow: a port of most IPv4 addresses, or IPv6 ones. Without a port, any exit will do. */
export interface PathTarget {
  readonly port?: number | undefined;
  readonly ipv6?: boolean | undefined;
  /** An exit that fetches from this port (SPEC §7.5), in place of one for streams; whatever the address. */
  readonly fetch?: boolean | undefined;
}

/** Targets are alike if these are. */
export function targetKey({ port, ipv6 = false, fetch = false }: PathTarget): string {
  return `${String(port)} ${String(ipv6)} ${String(fetch)}`;
}

/** Relays to draw middles and exits from. */
export interface Tier {
  readonly middles: WeightedList<RelayEntry>;
  readonly exits: WeightedList<RelayEntry>;
}

/** Ports whose connections last, as Tor has them: a circuit for one avoids relays that come and go. */
const LONG_LIVED_PORTS: ReadonlySet<number> = new Set([
  ...[21, 22, 706, 1863, 5050, 5190, 5222, 5223, 6667, 6697, 8300],
]);
/** Tables for targets that are kept: a person visits few ports, and a hostile page many. */
const MAX_KEPT = 16;

const MAX_SUMMARIES = 256;

const summaries = new Map<string, PolicySummary>();
const tables = new WeakMap<Consensus, PathTable>();

/** What choosing paths needs of a consensus, worked out once. */
export class PathTable {
  /** Running and Valid. */
  readonly usable: readonly RelayEntry[];
  /** Exits for streams, whatever they allow. */
  readonly exits: readonly RelayEntry[];
  /** Exits that fetch. */
  readonly fetchExits: readonly RelayEntry[];
  /**
   * Whom a client may take as a new guard: Guard, Stable and Fast, so relays that stay come before tabs; if no such relay
   * is listed, any.
   */
  readonly guards: WeightedList<RelayEntry>;
  /** Whether relays with Guard are listed. */
  readonly listsGuards: boolean;
  readonly #consensus: Consensus;
  readonly #tiers = new Map<string, readonly Tier[]>();

  static of(consensus: Consensus): PathTable {
    const known = tables.get(consensus);
    if (known !== undefined) return known;
    const table = new PathTable(consensus);
    tables.set(consensus, table);
    return table;
  }

  private constructor(consensus: Consensus) {
    this.#consensus = consensus;
    this.usable = consensus.relays.filter((relay) => has(relay, "Running", "Valid"));
    this.exits = this.usable.filter((relay) => has(relay, "Exit") && !has(relay, "BadExit"));
    this.fetchExits = this.usable.filter((relay) => has(relay, "Fetch") && !has(relay, "BadExit"));
    const flagged = this.usable.filter((relay) => has(relay, "Guard", "Stable", "Fast"));
    this.listsGuards = flagged.length > 0;
    this.guards = this.#weighted("guard", this.listsGuards ? flagged : this.usable);
  }

  /** What to draw from for this target, the preferred relays first: Fast ones, and Stable ones where connections last. */
  tiers(target: PathTarget): readonly Tier[] {
    const key = targetKey(target);
    const kept = this.#tiers.get(key);
    if (kept !== undefined) return kept;
    const { port } = target;
    const preferred: readonly RelayFlag[] =
      port !== undefined && LONG_LIVED_PORTS.has(port) ? ["Fast", "Stable"] : ["Fast"];
    const tiers = [this.#tier(target, preferred), this.#tier(target, [])];
    if (this.#tiers.size >= MAX_KEPT) this.#tiers.clear();
    this.#tiers.set(key, tiers);
    return tiers;
  }

  /** Exits of the kind that it needs, whatever they allow. */
  exitsFor({ fetch }: PathTarget): readonly RelayEntry[] {
    return fetch === true ? this.fetchExits : this.exits;
  }

  #tier(target: PathTarget, flags: readonly RelayFlag[]): Tier {
    const relays = this.usable.filter((relay) => has(relay, ...flags));
    const exits = this.exitsFor(target).filter((relay) => has(relay, ...flags));
    return {
      middles: this.#weighted("middle", relays),
      exits: this.#weighted("exit", allowingTarget(exits, target)),
    };
  }

  #weighted(position: Position, relays: readonly RelayEntry[]): WeightedList<RelayEntry> {
    return new WeightedList(relays, (relay) => positionWeight(position, relay, this.#consensus.weights));
  }
}

/** Those whose summary allows the target: they then probably allow its address too (SPEC §8.3). */
export function allowingTarget(
  exits: readonly RelayEntry[],
  { port, ipv6, fetch }: PathTarget,
): readonly RelayEntry[] {
  if (port === undefined) return exits;
  const summaryOf = ({ descriptor: { policy4, policy6, fetchPolicy = REJECT_ALL } }: RelayEntry): string =>
    fetch ? fetchPolicy : ipv6 ? policy6 : policy4;
  // Thousands of exits share a few policies: each text is read once.
  const texts = [...new Set(exits.map(summaryOf))];
  const allowing = new Set(texts.filter((text) => summary(text).allows(port)));
  return exits.filter((exit) => allowing.has(summaryOf(exit)));
}

/** Read once: an exit is asked about each time a circuit is chosen. */
function summary(text: string): PolicySummary {
  const known = summaries.get(text);
  if (known !== undefined) return known;
  if (summaries.size >= MAX_SUMMARIES) summaries.clear();
  const read = PolicySummary.parse(text);
  summaries.set(text, read);
  return read;
}

function has({ flags }: RelayEntry, ...wanted: readonly RelayFlag[]): boolean {
  return wanted.every((flag) => flags.has(flag));
}
