import { RoundTrip, updateRate, type ClockHealth } from "./round-trip.ts";
import type { VegasParameters } from "./vegas-parameters.ts";

/** What an end knows when a SENDME has come. */
export interface Acknowledgement {
  /** Of the cell that it acknowledges, in whole microseconds. */
  readonly rtt: number;
  /** Cells in flight, those that it acknowledges among them. */
  readonly inflight: number;
  /** Whether the first link of the circuit takes no more now. */
  readonly blocked: boolean;
  /** Cells of the circuit that wait for that link. */
  readonly queued: number;
}

/**
 * The window of TOR_VEGAS (Tor proposal 324; SPEC §12.1): how many cells a circuit may have in flight so that about `alpha`…`beta` of
 * them queue on the way. Whole numbers, rounded down, as in C tor.
 */
export class VegasWindow {
  readonly #parameters: VegasParameters;
  readonly #roundTrip: RoundTrip;
  #cwnd: number;
  #slowStart = true;
  #full = false;
  #blocked = false;
  /** SENDMEs until the next update, and until the next window. */
  #toUpdate = 1;
  #toWindow = 0;

  constructor(parameters: VegasParameters, clock: ClockHealth) {
    this.#parameters = parameters;
    this.#roundTrip = new RoundTrip(parameters, clock);
    this.#cwnd = parameters.cwndInit;
  }

  get cwnd(): number {
    return this.#cwnd;
  }

  get slowStart(): boolean {
    return this.#slowStart;
  }

  /** Whether the sender has lately used what the window allows. */
  get full(): boolean {
    return this.#full;
  }

  /** The signal that was last taken into account. */
  get blocked(): boolean {
    return this.#blocked;
  }

  get roundTrip(): Pick<RoundTrip, "smoothed" | "least"> {
    return this.#roundTrip;
  }

  /** A SENDME has come. */
  acknowledged(now: Acknowledgement): void {
    this.#toUpdate = Math.max(0, this.#toUpdate - 1);
    this.#toWindow = Math.max(0, this.#toWindow - 1);
    const believed = this.#roundTrip.sample(now.rtt, this.#cwnd, this.#slowStart);
    const capacity = this.#capacity(now);
    if (!believed && !now.blocked) return;
    this.#judgeFullness(now.inflight);
    if (this.#slowStart) this.#start(capacity);
    else if (this.#toUpdate === 0) this.#steer(capacity);
    this.#schedule();
    this.#cwnd = Math.min(this.#cwnd, this.#parameters.cwndMax);
  }

  /** How much of the window is under way, and not in a queue (the bandwidth-delay product); at most the window. */
  #capacity({ blocked, queued }: Acknowledgement): number {
    const { cwndMin } = this.#parameters;
    const { smoothed, least } = this.#roundTrip;
    const changed = blocked !== this.#blocked;
    this.#blocked = blocked;
    if (smoothed === 0) return blocked ? Math.max(this.#cwnd - queued, cwndMin) : this.#cwnd;
    if (changed) this.#toUpdate = 0;
    return Math.min(this.#cwnd, Math.floor((this.#cwnd * least) / smoothed));
  }

  #judgeFullness(inflight: number): void {
    const { cwndFullGap, cwndFullMinPct, sendmeInc } = this.#parameters;
    if (inflight + cwndFullGap * sendmeInc >= this.#cwnd) this.#full = true;
    else if (100 * inflight < cwndFullMinPct * this.#cwnd) this.#full = false;
  }

  #start(capacity: number): void {
    const { gamma, cwndInc, cwndIncRate, ssCwndMax, ssQueuePct } = this.#parameters;
    const tolerated = gamma + Math.floor((ssQueuePct * this.#cwnd) / 100);
    if (this.#cwnd - capacity >= tolerated || this.#blocked) {
      this.#cwnd = capacity + gamma;
      this.#slowStart = false;
    } else if (this.#full) {
      const growth = this.#growth();
      this.#cwnd += growth;
      if (growth * this.#sendmesPerWindow() <= cwndInc * cwndIncRate) this.#slowStart = false;
    }
    if (this.#cwnd >= ssCwndMax) {
      this.#cwnd = ssCwndMax;
      this.#slowStart = false;
    }
  }

  /** Of slow start, limited as in RFC 3742 §2. */
  #growth(): number {
    const { cwndIncPctSs, sendmeInc, ssCwndCap } = this.#parameters;
    if (this.#cwnd <= ssCwndCap) return Math.floor((cwndIncPctSs * sendmeInc + 50) / 100);
    return Math.max(1, Math.floor((sendmeInc * ssCwndCap + this.#cwnd) / (2 * this.#cwnd)));
  }

  #steer(capacity: number): void {
    const { alpha, beta, delta, cwndInc, cwndMin } = this.#parameters;
    const queue = this.#cwnd - capacity;
    if (queue > delta) this.#cwnd = capacity + delta - cwndInc;
    else if (queue > beta || this.#blocked) this.#cwnd -= cwndInc;
    else if (this.#full && queue < alpha) this.#cwnd += cwndInc;
    this.#cwnd = Math.max(this.#cwnd, cwndMin);
  }

  #schedule(): void {
    const rate = updateRate(this.#parameters, this.#cwnd, this.#slowStart);
    if (this.#toWindow === 0) this.#toWindow = this.#sendmesPerWindow();
    if (this.#toUpdate === 0) this.#toUpdate = rate;
    const forgets = this.#parameters.cwndFullPerCwnd
      ? this.#toWindow === this.#sendmesPerWindow()
      : this.#toUpdate === rate;
    if (forgets) this.#full = false;
  }

  #sendmesPerWindow(): number {
    const { sendmeInc } = this.#parameters;
    return Math.floor((this.#cwnd + Math.floor(sendmeInc / 2)) / sendmeInc);
  }
}
