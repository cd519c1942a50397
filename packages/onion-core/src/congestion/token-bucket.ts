/** Lets bytes pass at a rate, and as many at once as the bucket holds. Times in microseconds. */
export class TokenBucket {
  readonly #bytesPerMicro: number;
  readonly #size: number;
  #level: number;
  #at: number;

  /** A full one. @param rate bytes per second, more than 0. @param size bytes. */
  constructor(rate: number, size: number, now: number) {
    this.#bytesPerMicro = rate / 1_000_000;
    this.#size = size;
    this.#level = size;
    this.#at = now;
  }

  /** Whole bytes that may pass now. */
  level(now: number): number {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = Math.max(now, this.#at);
    this.#level = Math.min(this.#size, this.#level + elapsed * this.#bytesPerMicro);
    return Math.max(0, Math.floor(this.#level));
  }

  take(bytes: number): void {
    this.#level -= bytes;
  }

  /** Microseconds until so many bytes may pass, of which a bucket holds no more than its size. */
  wait(bytes: number, now: number): number {
    const missing = Math.min(bytes, this.#size) - this.level(now);
    return missing <= 0 ? 0 : Math.ceil(missing / this.#bytesPerMicro);
  }
}
