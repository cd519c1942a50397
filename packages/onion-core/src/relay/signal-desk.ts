import { TokenBucket } from "../congestion/token-bucket.ts";
import type { AnswerOffer } from "../directory/source.ts";
import type { Link } from "../link/link.ts";
import { microsOf, type Clock } from "../ports/clock.ts";
import type { SignalPlace } from "../stream/signal-end.ts";

/** SPEC §11: signals that come over one link and are being answered, that may come at once, and per second afterwards. */
const MAX_AT_A_TIME = 8;
const BURST = 64;
const PER_SECOND = 4;

interface Allowance {
  underWay: number;
  readonly rate: TokenBucket;
}

/**
 * Who may have a sealed offer answered. Whoever sends one stays unknown, behind circuits, but each comes over a link: a neighbour that floods,
 * or that floods come through, uses up its own link's share, and the others' offers are answered.
 */
export class SignalDesk {
  readonly #answer: AnswerOffer | undefined;
  readonly #clock: Clock;
  readonly #allowances = new WeakMap<Link, Allowance>();

  /** @param answer undefined: no offer is answered. */
  constructor(answer: AnswerOffer | undefined, clock: Clock) {
    this.#answer = answer;
    this.#clock = clock;
  }

  /** A place for one signal that came over this link; undefined: it has had its share. */
  place(link: Link): SignalPlace | undefined {
    const allowance = this.#allowanceOf(link);
    const hasRoom = allowance.underWay < MAX_AT_A_TIME && allowance.rate.level(microsOf(this.#clock)) >= 1;
    if (this.#answer === undefined || !hasRoom) return undefined;
    allowance.rate.take(1);
    allowance.underWay += 1;
    return { answer: this.#answer, leave: () => (allowance.underWay -= 1) };
  }

  #allowanceOf(link: Link): Allowance {
    const known = this.#allowances.get(link);
    if (known !== undefined) return known;
    const fresh = { underWay: 0, rate: new TokenBucket(PER_SECOND, BURST, microsOf(this.#clock)) };
    this.#allowances.set(link, fresh);
    return fresh;
  }
}
