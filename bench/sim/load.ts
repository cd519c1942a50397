import { quantile } from "../lib/stats.ts";
import type { RelayId } from "../../packages/onion-core/src/crypto/ids.ts";
import type { Consensus, RelayEntry } from "../../packages/onion-core/src/directory/consensus.ts";
import { PathTable } from "../../packages/onion-core/src/directory/path-table.ts";
import { positionWeight, type Position } from "../../packages/onion-core/src/directory/position-weight.ts";

export const POSITIONS: readonly Position[] = ["guard", "middle", "exit"];

/** How many circuits went through a relay in one position, next to how many its weight lets expect. */
export interface RelayLoad {
  readonly expected: number;
  readonly actual: number;
}

export type LoadRecord = ReadonlyMap<RelayId, RelayLoad>;

/** The share of each relay in a position, by its weight; they add up to 1. */
export function shares(consensus: Consensus, position: Position): ReadonlyMap<RelayId, number> {
  const table = PathTable.of(consensus);
  const [tier] = table.tiers({ port: 443 });
  const relays = { guard: table.guards, middle: tier?.middles, exit: tier?.exits }[position]?.items ?? [];
  const weightOf = (relay: RelayEntry): number => positionWeight(position, relay, consensus.weights);
  const total = relays.reduce((sum, relay) => sum + weightOf(relay), 0);
  return new Map(relays.map((relay) => [relay.descriptor.identity, weightOf(relay) / total]));
}

/** Counts the circuits of each relay in one position. */
export class Load {
  readonly #byId = new Map<RelayId, { expected: number; actual: number }>();

  get record(): LoadRecord {
    return this.#byId;
  }

  expect(parts: ReadonlyMap<RelayId, number>, circuits: number): void {
    for (const [id, part] of parts) this.#of(id).expected += part * circuits;
  }

  used(id: RelayId): void {
    this.#of(id).actual += 1;
  }

  /** What another batch of clients brought to the same relays. */
  add(other: LoadRecord): void {
    for (const [id, { expected, actual }] of other) {
      const load = this.#of(id);
      load.expected += expected;
      load.actual += actual;
    }
  }

  #of(id: RelayId): { expected: number; actual: number } {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const load = { expected: 0, actual: 0 };
    this.#byId.set(id, load);
    return load;
  }
}

/**
 * Actual ÷ expected: the value below which a fraction of the relays lies.
 * @param enough relays for which fewer circuits are expected say little, and are left out.
 * @returns NaN if all are.
 */
export function loadRatio(record: LoadRecord, fraction: number, enough: number): number {
  const ratios = [...record.values()]
    .filter(({ expected }) => expected >= enough)
    .map(({ actual, expected }) => actual / expected);
  return ratios.length === 0 ? NaN : quantile(ratios, fraction);
}

/** What the tenth of the relays with the most weight should carry, and carries: parts of 1. */
export function heaviestTenth(record: LoadRecord): { readonly weight: number; readonly load: number } {
  const all = [...record.values()].sort((a, b) => b.expected - a.expected);
  const heaviest = all.slice(0, Math.ceil(all.length / 10));
  const sum = (some: readonly RelayLoad[], what: keyof RelayLoad): number =>
    some.reduce((total, load) => total + load[what], 0);
  return {
    weight: sum(heaviest, "expected") / sum(all, "expected"),
    load: sum(heaviest, "actual") / sum(all, "actual"),
  };
}
