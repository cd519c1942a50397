import { Ring } from "../congestion/ring.ts";
import { TaborError } from "../errors.ts";

/** SPEC §12.6. All given by name, for tests. */
export interface LinkWindowParameters {
  /** Cells that one LINK_SENDME acknowledges. */
  readonly increment: number;
  /** Cells, multiples of `increment`. */
  readonly least: number;
  readonly most: number;
  /**
   * Milliseconds by which a round trip may be longer than the shortest, or half the shortest if that is more: below, the window
   * grows; above twice, it shrinks.
   */
  readonly target: number;
  /** Milliseconds after which a shortest round trip is measured anew: routes change. */
  readonly memory: number;
}

export const LINK_WINDOW: LinkWindowParameters = {
  increment: 32,
  least: 64,
  most: 2048,
  target: 10,
  memory: 60_000,
};

/** What a window shrinks to, when a round trip was too long. */
const SHRINK = 7 / 8;

/**
 * How many cells may be under way on a link. TCP slows a sender whose peer is slow to read; a data channel does not: what the
 * peer has yet to read lies in its queue of events, where no turn is fair and no bound holds. So a peer acknowledges what it
 * has read, and the rest waits here, where the circuit that has sent least is next (SPEC §12.6).
 *
 * The window is as large as the link needs: it grows while round trips stay short, and shrinks when they become long (as in
 * LEDBAT, RFC 6817, with steps instead of a gain).
 */
export class LinkWindow {
  readonly #parameters: LinkWindowParameters;
  /** When each full increment was sent. */
  readonly #sentAt = new Ring<number>();
  #size: number;
  #underWay = 0;
  #sent = 0;
  #unacknowledged = 0;
  #isStarting = true;
  /** Cells still to be acknowledged until the size is looked at again. */
  #untilLook: number;
  /** Whether the window has kept anything waiting since then. */
  #wasFull = false;
  #shortest = Infinity;
  #shortestSince = -Infinity;

  constructor(parameters: LinkWindowParameters = LINK_WINDOW) {
    this.#parameters = parameters;
    this.#size = parameters.least;
    this.#untilLook = parameters.least;
  }

  /** Cells that may be under way. */
  get size(): number {
    return this.#size;
  }

  /** Cells that may be sent now; below 0 after the window has shrunk. */
  get room(): number {
    return this.#size - this.#underWay;
  }

  /** Cells of circuits were sent, at most as many as there was room for. @param now monotonic milliseconds */
  sent(cells: number, now: number): void {
    const { increment } = this.#parameters;
    this.#underWay += cells;
    this.#sent += cells;
    for (; this.#sent >= increment; this.#sent -= increment) this.#sentAt.push(now);
    if (this.room <= 0) this.#wasFull = true;
  }

  /** A LINK_SENDME has come. @throws protocol if nothing was sent that it could acknowledge. */
  acknowledged(now: number): void {
    const sentAt = this.#sentAt.shift();
    if (sentAt === undefined)
      throw new TaborError("protocol", "link", "LINK_SENDME for cells that were not sent");
    const { increment } = this.#parameters;
    this.#underWay -= increment;
    this.#untilLook -= increment;
    this.#resize(this.#delay(now - sentAt, now));
  }

  /** A cell of a circuit has come and was read. @returns whether LINK_SENDME is due */
  received(): boolean {
    this.#unacknowledged += 1;
    if (this.#unacknowledged < this.#parameters.increment) return false;
    this.#unacknowledged = 0;
    return true;
  }

  /** Milliseconds that a round trip took longer than the shortest of late. */
  #delay(roundTrip: number, now: number): number {
    if (roundTrip <= this.#shortest || now - this.#shortestSince > this.#parameters.memory) {
      this.#shortest = roundTrip;
      this.#shortestSince = now;
    }
    return roundTrip - this.#shortest;
  }

  /** Once for each window that was acknowledged, and at the start for each increment: as TCP, it doubles with every round trip. */
  #resize(delay: number): void {
    const { increment } = this.#parameters;
    // On a long link the channel's own congestion control takes round trips to find its rate: that is no queue of ours.
    const target = Math.max(this.#parameters.target, this.#shortest / 2);
    if (this.#isStarting && delay < target) {
      if (this.#wasFull) this.#setSize(this.#size + increment);
      return;
    }
    this.#isStarting = false;
    if (this.#untilLook > 0) return;
    if (delay > 2 * target) this.#setSize(Math.floor((this.#size * SHRINK) / increment) * increment);
    else if (delay < target && this.#wasFull) this.#setSize(this.#size + increment);
    this.#untilLook = this.#size;
    this.#wasFull = false;
  }

  #setSize(cells: number): void {
    this.#size = Math.min(this.#parameters.most, Math.max(this.#parameters.least, cells));
  }
}
