import { equalConstantTime } from "../bytes/bytes.ts";
import { TaborError } from "../errors.ts";

/** SPEC §6.4, in DATA cells. Multiples of what a message holds: what an acknowledgement sets free then leaves in full messages. */
export const CIRCUIT_WINDOW = { start: 2048, increment: 256 } as const;
export const STREAM_WINDOW = { start: 1024, increment: 128 } as const;

interface WindowSize {
  readonly start: number;
  readonly increment: number;
}

/** How many DATA cells may still be sent. */
export class PackageWindow {
  readonly #size: WindowSize;
  #room: number;

  constructor(size: WindowSize) {
    this.#size = size;
    this.#room = size.start;
  }

  get room(): number {
    return this.#room;
  }

  /** Counts one cell that is sent now. */
  take(): void {
    if (this.#room === 0) throw new TaborError("usage", "here", "package window is empty");
    this.#room -= 1;
  }

  /** @throws protocol if the other side acknowledges what it was not sent. */
  acknowledge(): void {
    if (this.#room + this.#size.increment > this.#size.start) {
      throw new TaborError("protocol", "relay", "SENDME was not due");
    }
    this.#room += this.#size.increment;
  }
}

/** How many DATA cells may still come. */
export class DeliverWindow {
  readonly #size: WindowSize;
  #room: number;
  #unacknowledged = 0;

  constructor(size: WindowSize) {
    this.#size = size;
    this.#room = size.start;
  }

  /** Counts one cell that has come. @throws protocol beyond the window. */
  take(): void {
    if (this.#room === 0) throw new TaborError("protocol", "relay", "DATA beyond the window");
    this.#room -= 1;
  }

  /** Counts cells that were used up; returns how many acknowledgements are due now. */
  use(cells: number): number {
    this.#unacknowledged += cells;
    const due = Math.floor(this.#unacknowledged / this.#size.increment);
    this.#unacknowledged -= due * this.#size.increment;
    this.#room += due * this.#size.increment;
    return due;
  }
}

/** The sender's record of the tags by which the receiver must acknowledge (SPEC §6.4). */
export class ExpectedTags {
  readonly #tags: Uint8Array[] = [];
  #sent = 0;

  /** Counts one DATA cell that is sent now; returns whether the receiver will acknowledge it. */
  count(): boolean {
    this.#sent += 1;
    return this.#sent % CIRCUIT_WINDOW.increment === 0;
  }

  /** @param tag of the cell that `count` said would be acknowledged, in order. */
  expect(tag: Uint8Array): void {
    this.#tags.push(tag);
  }

  /** @throws protocol for a SENDME that no cell has earned, or another tag. */
  check(tag: Uint8Array): void {
    const expected = this.#tags.shift();
    if (expected === undefined || !equalConstantTime(expected, tag)) {
      throw new TaborError("protocol", "relay", "SENDME with a wrong tag");
    }
  }
}
