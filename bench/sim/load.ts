import { quantile } from "../lib/stats.ts";
import type { RelayId } from "../../packages/onion-core/src/crypto/ids.ts";
import type { Consensus, RelayEntry } from "../../packages/onion-core/src/directory/consensus.ts";
import { PathTable } from "../../packages/onion-core/src/directory/path-table.ts";
import { positionWeight, type Position } from "../../packages/onion-core/src/directory/position-weight.ts";

export const POSITIONS: readonly Position[] = ["guard", "middle", "exit"];

/** Relays for which fewer circuits are expected say little. */
const ENOUGH = 300;

/** The share of each relay in a position, by its weight; they add up to 1. */
export function shares(consensus: Consensus, position: Position): ReadonlyMap<RelayId, number> {
  const table = PathTable.of(consensus);
  const [tier] = table.tiers({ port: 443 });
  const relays = { guard: table.guards, middle: tier?.middles, exit: tier?.exits }[position]?.items ?? [];
  const weightOf = (relay: RelayEntry): number => positionWeight(position, relay, consensus.weights);
  const total = relays.reduce((sum, relay) => sum + weightOf(relay), 0);
  return new Map(relays.map((relay) => [relay.descriptor.identity, weightOf(relay) / total]));
}

/** How many circuits went through each relay in one position, next to how many its weight lets expect. */
export class Load {
  readonly #expected = new Map<RelayId, number>();
  readonly #actual = new Map<RelayId, number>();

  expect(parts: ReadonlyMap<RelayId, number>, circuits: number): void {
    for (const [id, part] of parts) this.#expected.set(id, (this.#expected.get(id) ?? 0) + part * circuits);
  }

  used(id: RelayId): void {
    this.#actual.set(id, (this.#actual.get(id) ?? 0) + 1);
  }

  /** Actual ÷ expected: the value below which a fraction of the relays lies. */
  ratio(fraction: number): number {
    const relays = [...this.#expected].filter(([, expected]) => expected >= ENOUGH);
    return quantile(
      relays.map(([id, expected]) => (this.#actual.get(id) ?? 0) / expected),
      fraction,
    );
  }
}
