import type { VegasParameters } from "./vegas-parameters.ts";

/** Whether the clock was last found standing still. C tor has one for the process; here each circuit finds out for itself. */
export interface ClockHealth {
  broken: boolean;
}

/** A change of the RTT by more than this factor is the clock's doing, or a suspended machine's. */
const JUMP = 5000;

/**
 * The round trip of a circuit's DATA cells, from its send time to its SENDME. Whole microseconds; 0: not known yet. Exact as long as
 * a window times an RTT stays below 2^53.
 */
export class RoundTrip {
  readonly #parameters: VegasParameters;
  readonly #clock: ClockHealth;
  #smoothed = 0;
  #least = 0;

  constructor(parameters: VegasParameters, clock: ClockHealth) {
    this.#parameters = parameters;
    this.#clock = clock;
  }

  /** An average that weighs late samples most. */
  get smoothed(): number {
    return this.#smoothed;
  }

  /** The least that `smoothed` has been. */
  get least(): number {
    return this.#least;
  }

  /** Takes one sample; returns whether it is believed. */
  sample(rtt: number, cwnd: number, slowStart: boolean): boolean {
    if (isClockJump({ smoothed: this.#smoothed, latest: rtt, slowStart }, this.#clock)) return false;
    const span = averagedSamples(this.#parameters, cwnd, slowStart);
    this.#smoothed = this.#smoothed === 0 ? rtt : nEwma(rtt, this.#smoothed, span);
    this.#least = this.#nextLeast(!slowStart && cwnd === this.#parameters.cwndMin);
    return true;
  }

  /** @param atFloor the window has shrunk as far as it may and cells still queue: the path itself may have become longer. */
  #nextLeast(atFloor: boolean): number {
    if (this.#least === 0) return this.#smoothed;
    const lower = Math.min(this.#smoothed, this.#least);
    if (!atFloor) return lower;
    const { rttResetPct } = this.#parameters;
    const higher = Math.max(this.#smoothed, this.#least);
    return Math.floor((rttResetPct * higher) / 100) + Math.floor(((100 - rttResetPct) * lower) / 100);
  }
}

/**
 * SENDMEs between two updates of the window: each in slow start, else so many that `cwndIncRate` updates fill a window. 0: each as well.
 */
export function updateRate(parameters: VegasParameters, cwnd: number, slowStart: boolean): number {
  if (slowStart) return 1;
  const perUpdate = parameters.cwndIncRate * parameters.sendmeInc;
  return Math.floor((cwnd + Math.floor(perUpdate / 2)) / perUpdate);
}

/** The moving average over `span` samples, in whole numbers as C tor computes it. */
export function nEwma(latest: number, average: number, span: number): number {
  return Math.floor((2 * latest + (span - 1) * average) / (span + 1));
}

/** Whether an RTT is no round trip at all, because the clock stood still or jumped. */
export function isClockJump(
  rtt: { readonly smoothed: number; readonly latest: number; readonly slowStart: boolean },
  clock: ClockHealth,
): boolean {
  if (rtt.latest === 0) {
    clock.broken = true;
    return true;
  }
  if (rtt.slowStart || rtt.smoothed === 0) return false;
  if (rtt.smoothed > JUMP * rtt.latest) return clock.broken;
  if (rtt.latest > JUMP * rtt.smoothed) return true;
  clock.broken = false;
  return false;
}

function averagedSamples(parameters: VegasParameters, cwnd: number, slowStart: boolean): number {
  const { ewmaCwndPct, ewmaMax, ewmaSs } = parameters;
  const perUpdate = Math.floor((updateRate(parameters, cwnd, slowStart) * ewmaCwndPct) / 100);
  return Math.max(2, slowStart ? ewmaSs : Math.min(perUpdate, ewmaMax));
}
