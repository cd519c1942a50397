/**
 * Bandwidth weights (SPEC §8.2): how much of the relays of each kind a position takes, in units of 1/10000. The first
 * letter is the position (guard, middle, exit), the second the kind of relay: `g` Guard only, `m` neither, `e` Exit
 * only, `d` both.
 */
export interface BandwidthWeights {
  readonly Wgg: number;
  readonly Wgd: number;
  readonly Wmg: number;
  readonly Wmd: number;
  readonly Wme: number;
  readonly Wee: number;
  readonly Wed: number;
}

/** The whole of a relay's bandwidth. */
export const WEIGHT_SCALE = 10_000;
