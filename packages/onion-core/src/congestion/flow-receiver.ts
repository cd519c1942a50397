import { TaborError } from "../errors.ts";
import { DrainRate } from "./drain-rate.ts";
import type { FlowParameters } from "./flow-parameters.ts";

/** What to tell the sender of a stream. kbps: units of 1000 bytes/s; 0: no limit. */
export type FlowSignal = { readonly command: "XOFF" } | { readonly command: "XON"; readonly kbps: number };

const XOFF: FlowSignal = { command: "XOFF" };

/**
 * The receiving end of a stream: says when its sender shall stop, and when and how fast it shall go on (SPEC §12.3).
 * `queued` is always what waits for the application or the site, in bytes; times are of a monotonic clock, in microseconds.
 *
 *     queue > xoffLimit for longer than the grace ─▸ XOFF ─▸ queue empty ─▸ XON(rate) ─▸ the rate changes ─▸ XON(rate) …
 */
export class FlowReceiver {
  readonly #parameters: FlowParameters;
  readonly #drain: DrainRate;
  #stopped = false;
  #overfullSince: number | undefined;
  #arrivedSinceXoff = 0;
  /** What the sender was told last; 0: nothing, or no limit. */
  #toldKbps = 0;

  constructor(parameters: FlowParameters) {
    this.#parameters = parameters;
    this.#drain = new DrainRate(parameters);
  }

  /**
   * Data has come and been queued.
   * @throws protocol if more comes after an XOFF than can have been under way: the sender does not heed it.
   */
  arrived(bytes: number, queued: number, nowMicros: number): FlowSignal | undefined {
    this.#bound(bytes);
    const xoff = this.#mayStop(queued, nowMicros);
    const xon = queued > this.#parameters.burst ? this.left(0, queued, nowMicros) : undefined;
    return xoff ?? xon;
  }

  /** The reader has taken data. @param queued what is left. */
  left(bytes: number, queued: number, nowMicros: number): FlowSignal | undefined {
    this.#drain.left(bytes, queued, nowMicros);
    const signal = this.#mayGoOn(queued);
    if (queued === 0) this.#drain.emptied(this.#toldKbps > 0);
    return signal;
  }

  #bound(bytes: number): void {
    if (!this.#stopped) return;
    this.#arrivedSinceXoff += bytes;
    if (this.#arrivedSinceXoff > this.#parameters.maxInFlight)
      throw new TaborError("protocol", "relay", "a stream goes on in spite of XOFF");
  }

  /** A burst is forgiven for the grace, but only up to twice the limit. */
  #mayStop(queued: number, now: number): FlowSignal | undefined {
    const { xoffLimit, grace } = this.#parameters;
    if (queued <= xoffLimit) this.#overfullSince = undefined;
    if (queued <= xoffLimit || this.#stopped) return undefined;
    this.#overfullSince ??= now;
    if (now - this.#overfullSince <= grace && queued <= 2 * xoffLimit) return undefined;
    this.#stopped = true;
    this.#overfullSince = undefined;
    this.#arrivedSinceXoff = 0;
    this.#drain.forget();
    return XOFF;
  }

  #mayGoOn(queued: number): FlowSignal | undefined {
    if (queued <= this.#parameters.xoffLimit) this.#overfullSince = undefined;
    if (this.#stopped ? queued > 0 : !this.#hasChanged()) return undefined;
    this.#stopped = false;
    this.#toldKbps = this.#drain.kbps;
    return { command: "XON", kbps: this.#toldKbps };
  }

  #hasChanged(): boolean {
    if (this.#toldKbps === 0) return false;
    const { xonChangePct } = this.#parameters;
    const percent = (100 * this.#drain.kbps) / this.#toldKbps;
    return percent > 100 + xonChangePct || percent < 100 - xonChangePct;
  }
}
