/**
 * Bandwidth weights (SPEC §8.2): how much of the relays of each kind a position takes, in units of 1/10000, so that
 * scarce kinds are spared for the position that only they can fill. The first letter is the position (guard, middle,
 * exit), the second the kind of relay: `g` Guard only, `m` neither, `e` Exit only, `d` both.
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

/** Sums of the weights of all relays of a kind, each starting at 1 so that none is zero (as Tor does). */
export interface KindSums {
  readonly G: number;
  readonly M: number;
  readonly E: number;
  readonly D: number;
}

/** The whole of a relay's bandwidth. */
export const WEIGHT_SCALE = 10_000;

/** What holds when no weights can be computed: each position takes each relay as it is. */
export const UNWEIGHTED: BandwidthWeights = {
  Wgg: WEIGHT_SCALE,
  Wgd: WEIGHT_SCALE,
  Wmg: WEIGHT_SCALE,
  Wmd: WEIGHT_SCALE,
  Wme: WEIGHT_SCALE,
  Wee: WEIGHT_SCALE,
  Wed: WEIGHT_SCALE,
};

/** Everything here is a bigint: products reach 2^32 × 10^4 × relays, and division must truncate towards zero. */
type Sums = Readonly<Record<"G" | "M" | "E" | "D" | "T", bigint>>;
type Weights = Readonly<Record<keyof BandwidthWeights, bigint>>;
type Imbalance = "none" | "sums" | "range" | "exit" | "middle";

const S = BigInt(WEIGHT_SCALE);
const MARGIN = 10n;

/** Tor's computation (dir-spec "Computing bandwidth weights", method 10); undefined where it publishes none. */
export function computeBandwidthWeights(sums: KindSums): BandwidthWeights | undefined {
  const [G, M, E, D] = [BigInt(sums.G), BigInt(sums.M), BigInt(sums.E), BigInt(sums.D)];
  if (G <= 0n || M <= 0n || E <= 0n || D <= 0n) return undefined;
  const weights = computeCase({ G, M, E, D, T: G + M + E + D });
  return weights && toNumbers(weights);
}

function computeCase(sums: Sums): Weights | undefined {
  const { G, E, T } = sums;
  const scarce = [E, G].filter((sum) => 3n * sum < T).length;
  switch (scarce) {
    case 0:
      return checked(neitherScarce(sums), sums);
    case 2:
      return bothScarce(sums);
    default:
      return oneScarce(sums);
  }
}

/** Case 1: guards and exits each fill their own position, and share the rest with the middle. */
function neitherScarce({ G, M, E }: Sums): Weights {
  const Wee = (S * (E + G + M)) / (3n * E);
  const Wmg = (S * (2n * G - E - M)) / (3n * G);
  const third = S / 3n;
  return { Wgg: S - Wmg, Wgd: third, Wmg, Wmd: third, Wme: S - Wee, Wee, Wed: third };
}

/** Case 2: neither guards nor exits suffice for their position. */
function bothScarce(sums: Sums): Weights | undefined {
  const { G, E, D } = sums;
  const [fewer, more] = E < G ? [E, G] : [G, E];
  if (fewer + D < more) return allOfDToTheScarcer(sums);
  return checked(guardEqualsMiddle(sums), sums) ?? checked(ownPositionOnly(sums), sums, "middle");
}

/** Case 2a. */
function allOfDToTheScarcer({ G, E }: Sums): Weights {
  const toExit = E < G;
  return { Wgg: S, Wgd: toExit ? 0n : S, Wmg: 0n, Wmd: 0n, Wme: 0n, Wee: S, Wed: toExit ? S : 0n };
}

/** Case 2b, first attempt: D gives as much to the guard position as to the middle. */
function guardEqualsMiddle({ G, M, E, D }: Sums): Weights {
  const Wed = (S * (D - 2n * E + 4n * G - 2n * M)) / (3n * D);
  const half = (S - Wed) / 2n;
  const Wee = (S * (E - G + M)) / E;
  return { Wgg: S, Wgd: half, Wmg: 0n, Wmd: half, Wme: (S * (G - M)) / E, Wee, Wed };
}

/** Case 2b, second attempt: guards and exits give nothing to the middle. */
function ownPositionOnly({ G, M, E, D }: Sums): Weights {
  const Wed = (S * (D - 2n * E + G + M)) / (3n * D);
  const wanted = (S * (D - 2n * M + G + E)) / (3n * D);
  const Wmd = wanted < 0n ? 0n : wanted;
  return { Wgg: S, Wgd: S - Wed - Wmd, Wmg: 0n, Wmd, Wme: 0n, Wee: S, Wed };
}

/** Case 3: one of guards and exits is scarce. */
function oneScarce(sums: Sums): Weights | undefined {
  const { G, E, D, T } = sums;
  const guardsAreScarcer = G < E;
  const scarcest = guardsAreScarcer ? G : E;
  if (3n * (scarcest + D) < T) return guardsAreScarcer ? allToGuard(sums) : allToExit(sums);
  return checked(guardsAreScarcer ? mostToGuard(sums) : mostToExit(sums), sums);
}

/** Case 3a, guards scarcer. */
function allToGuard({ M, E }: Sums): Weights {
  const Wme = E < M ? 0n : (S * (E - M)) / (2n * E);
  return { Wgg: S, Wgd: S, Wmg: 0n, Wmd: 0n, Wme, Wee: S - Wme, Wed: 0n };
}

/** Case 3a, exits scarcer. */
function allToExit({ G, M }: Sums): Weights {
  const Wmg = G < M ? 0n : (S * (G - M)) / (2n * G);
  return { Wgg: S - Wmg, Wgd: 0n, Wmg, Wmd: 0n, Wme: 0n, Wee: S, Wed: S };
}

/** Case 3b, guards scarcer. */
function mostToGuard({ G, M, E, D }: Sums): Weights {
  const Wgd = (S * (D - 2n * G + E + M)) / (3n * D);
  const Wee = (S * (E + M)) / (2n * E);
  const half = (S - Wgd) / 2n;
  return { Wgg: S, Wgd, Wmg: 0n, Wmd: half, Wme: S - Wee, Wee, Wed: half };
}

/** Case 3b, exits scarcer. */
function mostToExit({ G, M, E, D }: Sums): Weights {
  const Wed = (S * (D - 2n * E + G + M)) / (3n * D);
  const Wgg = (S * (G + M)) / (2n * G);
  const half = (S - Wed) / 2n;
  return { Wgg, Wgd: half, Wmg: S - Wgg, Wmd: half, Wme: 0n, Wee: S, Wed };
}

function checked(weights: Weights, sums: Sums, tolerated: Imbalance = "none"): Weights | undefined {
  const found = imbalance(weights, sums);
  return found === "none" || found === tolerated ? weights : undefined;
}

function imbalance({ Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed }: Weights, { G, M, E, D, T }: Sums): Imbalance {
  const sums = [Wed + Wmd + Wgd, Wmg + Wgg, Wme + Wee];
  if (sums.some((sum) => distance(sum, S) > MARGIN)) return "sums";
  if ([Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed].some((weight) => weight < 0n || weight > S)) return "range";
  const guard = Wgg * G + Wgd * D;
  const exit = Wee * E + Wed * D;
  const middle = S * M + Wmd * D + Wme * E + Wmg * G;
  const tolerance = (MARGIN * T) / 3n;
  if (distance(guard, exit) > tolerance) return "exit";
  return distance(guard, middle) > tolerance ? "middle" : "none";
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}

function toNumbers({ Wgg, Wgd, Wmg, Wmd, Wme, Wee, Wed }: Weights): BandwidthWeights {
  return {
    Wgg: Number(Wgg),
    Wgd: Number(Wgd),
    Wmg: Number(Wmg),
    Wmd: Number(Wmd),
    Wme: Number(Wme),
    Wee: Number(Wee),
    Wed: Number(Wed),
  };
}
