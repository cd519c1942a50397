import { randomBelow, type Random } from "../ports/random.ts";
import type { LinkPaddingRequest } from "../cell/padding-bodies.ts";

/** How long a link may be silent, in whole milliseconds: from `low` to below `high`; exactly `low` if that is not less. */
export interface Silence {
  readonly low: number;
  readonly high: number;
}

/** SPEC §13.1, Tor's nf_ito_low and nf_ito_high. */
export const NORMAL_SILENCE: Silence = { low: 1500, high: 9500 };
/** What a client with little to spend keeps by itself, while its guard keeps none. */
export const REDUCED_SILENCE: Silence = { low: 9000, high: 14_000 };

/** How much padding a client spends. */
export type PaddingMode = "normal" | "reduced" | "off";

/** The larger of two draws, as Tor has it: most silences are long, and few packets are spent. */
export function drawSilence({ low, high }: Silence, random: Random): number {
  if (low >= high) return low;
  return low + Math.max(randomBelow(random, high - low), randomBelow(random, high - low));
}

/** What a client keeps itself; undefined: no padding. */
export function silenceOf(mode: PaddingMode): Silence | undefined {
  if (mode === "off") return undefined;
  return mode === "normal" ? NORMAL_SILENCE : REDUCED_SILENCE;
}

/** What a guard does that was asked: a client may have less padding than the network has, and never more. */
export function grantedSilence(request: LinkPaddingRequest): Silence | undefined {
  if (request.command === "stop") return undefined;
  const low = Math.max(NORMAL_SILENCE.low, request.low);
  return { low, high: Math.max(low, request.high === 0 ? NORMAL_SILENCE.high : request.high) };
}
