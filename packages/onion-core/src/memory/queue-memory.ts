/** Bytes that are queued between two of its ticks. */
const TICK_BYTES = 65_536;

/** Down to which part of the bound a relay goes when it is above it (SPEC §11.1, as Tor). */
const RETAINED = 0.9;

/** The age of what is queued now: a tick of `QueueMemory`. Nothing waits: Infinity. */
export type QueuedSince = number;

/**
 * What all queues of a relay hold together (SPEC §11.1). Queues add what they take and subtract what leaves them; a number each, no clock,
 * and nothing is looked at until there is too much. Then the oldest data tells who is to go, and for that its order is enough: time is
 * counted in bytes that were queued.
 */
export class QueueMemory {
  readonly bound: number;
  #bytes = 0;
  #sinceTick = 0;
  #tick = 0;
  #isRecovering = false;
  #recover: () => void = () => undefined;

  /** @param bound bytes. */
  constructor(bound: number) {
    this.bound = bound;
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is more than is left after a recovery. */
  get isScarce(): boolean {
    return this.#bytes > RETAINED * this.bound;
  }

  /** Who makes room when there is too much: calls `subtract` until it is no longer scarce. Set once. */
  onExceeded(recover: () => void): void {
    this.#recover = recover;
  }

  /** Bytes are queued now. Returns since when; who keeps several pieces keeps that for the oldest. */
  add(bytes: number): QueuedSince {
    this.#bytes += bytes;
    this.#sinceTick += bytes;
    if (this.#sinceTick >= TICK_BYTES) {
      this.#sinceTick = 0;
      this.#tick += 1;
    }
    return this.#tick;
  }

  /** So many of them have left, or are forgotten. */
  subtract(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Makes room if there is too much. Called where circuits may be ended: not while one is in the middle of something. */
  check(): void {
    if (this.#bytes <= this.bound || this.#isRecovering) return;
    this.#isRecovering = true;
    try {
      this.#recover();
    } finally {
      this.#isRecovering = false;
    }
  }
}
