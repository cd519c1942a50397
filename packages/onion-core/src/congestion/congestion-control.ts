import { TaborError } from "../errors.ts";
import { Ring } from "./ring.ts";
import type { VegasParameters } from "./vegas-parameters.ts";
import { VegasWindow } from "./vegas-window.ts";

/**
 * How many DATA cells one end of a circuit may send (SPEC §12.1). The other end acknowledges every `sendmeInc`-th of them with a
 * SENDME; who calls checks its tag first.
 *
 *     canSend ▸ cellSent ▸ (the cell's tag is kept, if it returned true) … SENDME ▸ tag checked ▸ acknowledged
 *
 * Times are of a monotonic clock, in microseconds.
 */
export class CongestionControl {
  readonly #sendmeInc: number;
  readonly #window: VegasWindow;
  /** One for each `sendmeInc` cells in flight, so no more than the largest window holds. */
  readonly #awaited = new Ring<number>();
  #inflight = 0;

  constructor(parameters: VegasParameters) {
    this.#sendmeInc = parameters.sendmeInc;
    this.#window = new VegasWindow(parameters, { broken: false });
  }

  /** Cells that have been sent and not acknowledged. */
  get inflight(): number {
    return this.#inflight;
  }

  /** Cells that may be in flight; below `inflight` when it has just shrunk. */
  get cwnd(): number {
    return this.#window.cwnd;
  }

  /** In microseconds, smoothed; 0 before the first SENDME. What two legs of a set are compared by. */
  get roundTrip(): number {
    return this.#window.roundTrip.smoothed;
  }

  /** Cells that may be sent now. */
  get room(): number {
    return Math.max(0, this.#window.cwnd - this.#inflight);
  }

  canSend(): boolean {
    return this.#inflight < this.#window.cwnd;
  }

  /** Counts one DATA cell that is sent now; returns whether the other end will acknowledge it. @throws usage if there is no room. */
  cellSent(nowMicros: number): boolean {
    if (!this.canSend()) throw new TaborError("usage", "here", "the congestion window is full");
    return this.urgentSent(nowMicros);
  }

  /** Counts, as a cell, a message that does not wait for room; what is sent too early delays DATA after it. */
  urgentSent(nowMicros: number): boolean {
    this.#inflight += 1;
    if (this.#inflight % this.#sendmeInc !== 0) return false;
    this.#awaited.push(nowMicros);
    return true;
  }

  /**
   * A SENDME has come.
   * @param blocked whether the circuit's first link takes no more now (`BlockedSignal`).
   * @param queued cells of the circuit that wait for it.
   * @throws protocol if none is owed.
   */
  acknowledged(nowMicros: number, blocked: boolean, queued = 0): void {
    const sent = this.#awaited.shift();
    if (sent === undefined) throw new TaborError("protocol", "relay", "SENDME was not due");
    const rtt = Math.max(0, Math.floor(nowMicros - sent));
    this.#window.acknowledged({ rtt, inflight: this.#inflight, blocked, queued });
    this.#inflight -= this.#sendmeInc;
  }
}
