import { WEIGHT_SCALE, type BandwidthWeights } from "./bandwidth-weights.ts";
import type { RelayEntry, RelayFlag } from "./consensus.ts";

/** A place in a path (SPEC §10.1). */
export type Position = "guard" | "middle" | "exit";

/** What a relay is to the bandwidth weights: G Guard only, E Exit only, D both, M neither. A BadExit is no exit. */
export type RelayKind = "G" | "M" | "E" | "D";

export function relayKind(flags: ReadonlySet<RelayFlag>): RelayKind {
  const exit = flags.has("Exit") && !flags.has("BadExit");
  if (flags.has("Guard")) return exit ? "D" : "G";
  return exit ? "E" : "M";
}

/** A relay's share of the choices for a position: its weight times the bandwidth weight, at most 2^32 × 10^4. */
export function positionWeight(position: Position, relay: RelayEntry, weights: BandwidthWeights): number {
  return relay.weight * shareOfKind(position, relayKind(relay.flags), weights);
}

function shareOfKind(position: Position, kind: RelayKind, weights: BandwidthWeights): number {
  switch (position) {
    case "guard":
      return { G: weights.Wgg, M: weights.Wgg, E: 0, D: weights.Wgd }[kind];
    case "middle":
      return { G: weights.Wmg, M: WEIGHT_SCALE, E: weights.Wme, D: weights.Wmd }[kind];
    case "exit":
      return { G: weights.Wed, M: weights.Wee, E: weights.Wee, D: weights.Wed }[kind];
  }
}
