import { TaborError } from "../errors.ts";
import type { FlowParameters } from "./flow-parameters.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A rate at or above this is none. */
const NO_LIMIT = 2 ** 31;

/**
 * The sending end of a stream: stops and goes on as the receiver says, and no faster (SPEC §12.3). Signals that the receiver cannot
 * have had reason to send are refused: a relay that injects them could mark a circuit by when they come.
 * Times are of a monotonic clock, in microseconds.
 */
export class FlowSender {
  readonly #parameters: FlowParameters;
  #stopped = false;
  #bucket: TokenBucket | undefined;
  #sent = 0;
  #xoffs = 0;
  #xons = 0;

  constructor(parameters: FlowParameters) {
    this.#parameters = parameters;
  }

  /** Whether the receiver wants nothing now. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Bytes of the stream that may be sent now; Infinity without a limit. */
  room(nowMicros: number): number {
    if (this.#stopped) return 0;
    return this.#bucket?.level(nowMicros) ?? Infinity;
  }

  /** Microseconds until there is room for so many bytes (at most a full bucket); Infinity while stopped: an XON ends that. */
  wait(bytes: number, nowMicros: number): number {
    if (this.#stopped) return Infinity;
    return this.#bucket?.wait(bytes, nowMicros) ?? 0;
  }

  /** Counts bytes that are sent now; the room for them was asked for before. */
  sent(bytes: number): void {
    this.#bucket?.take(bytes);
    this.#sent += bytes;
    if (this.#sent >= this.#parameters.halveAtBytes) this.#halve();
  }

  /** An XOFF has come. @throws protocol if the receiver cannot have sent it in good faith. */
  xoff(): void {
    if (this.#stopped) throw new TaborError("protocol", "relay", "XOFF after XOFF");
    this.#xoffs += 1;
    if (this.#sent < this.#parameters.xoffLimit * this.#xoffs)
      throw new TaborError("protocol", "relay", "XOFF before the buffer can be full");
    if (this.#xoffs >= this.#parameters.halveAtCount) this.#halve();
    this.#stopped = true;
  }

  /** An XON has come. @param kbps units of 1000 bytes/s, 0…2^32−1; 0: no limit. @throws protocol as `xoff`. */
  xon(kbps: number, nowMicros: number): void {
    const { xoffLimit, xonRate, minBucket, halveAtCount } = this.#parameters;
    this.#xons += 1;
    if (this.#sent < Math.min(xoffLimit, xonRate) * this.#xons)
      throw new TaborError("protocol", "relay", "XON before its rate can be known");
    if (this.#xons >= halveAtCount) this.#halve();
    this.#stopped = false;
    const rate = kbps * 1000;
    const limited = rate > 0 && rate < NO_LIMIT;
    this.#bucket = limited ? new TokenBucket(rate, Math.max(rate, minBucket), nowMicros) : undefined;
  }

  /** What was long ago shall not allow a flood of signals now. */
  #halve(): void {
    this.#sent = Math.floor(this.#sent / 2);
    this.#xoffs = Math.floor(this.#xoffs / 2);
    this.#xons = Math.floor(this.#xons / 2);
  }
}
