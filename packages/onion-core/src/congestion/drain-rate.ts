import type { FlowParameters } from "./flow-parameters.ts";
import { nEwma } from "./round-trip.ts";

/** What XON can say (u32). */
const MAX_KBPS = 2 ** 32 - 1;

/** How fast a buffer empties while it holds anything: idle time does not count. */
export class DrainRate {
  readonly #parameters: FlowParameters;
  #kbps = 0;
  #drained = 0;
  #since: number | undefined;

  constructor(parameters: FlowParameters) {
    this.#parameters = parameters;
  }

  /** In units of 1000 bytes/s, smoothed; 0: not known. */
  get kbps(): number {
    return this.#kbps;
  }

  /** Bytes have left the buffer; `queued` are still in it. */
  left(bytes: number, queued: number, now: number): void {
    this.#drained += bytes;
    if (this.#since === undefined) {
      if (queued === 0) return;
      this.#since = now;
      this.#drained = 0;
    }
    const elapsed = now - this.#since;
    if (this.#drained > this.#parameters.xonRate && elapsed > 0) this.#measured(elapsed);
  }

  /** Nothing is left. @param limited the sender was told a rate: it may be what kept the buffer empty. */
  emptied(limited: boolean): void {
    this.#since = undefined;
    if (!limited || this.#drained < this.#parameters.xonRate) return;
    this.#kbps = Math.min(2 * this.#kbps, MAX_KBPS);
    this.#drained = 0;
  }

  /** The buffer filled up: the rate was wrong. */
  forget(): void {
    this.#kbps = 0;
  }

  #measured(elapsed: number): void {
    const kbps = Math.min(Math.max(1, Math.floor((this.#drained * 1000) / elapsed)), MAX_KBPS);
    this.#kbps =
      this.#kbps === 0 ? kbps : Math.max(1, nEwma(kbps, this.#kbps, this.#parameters.xonEwmaCount));
    this.#drained = 0;
    this.#since = undefined;
  }
}
