import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINK_WINDOW, LinkWindow } from "./link-window.ts";

const { increment, least, most, target } = LINK_WINDOW;

/** A link that takes so many cells in a millisecond, each after `delay`; all that there is room for is sent at once. */
class Path {
  readonly window = new LinkWindow();
  readonly #perMilli: number;
  readonly #delay: number;
  /** When the SENDMEs come that are under way. */
  readonly #coming: number[] = [];
  #free = 0;
  #count = 0;
  /** Cells that arrived. */
  arrived = 0;
  longestWait = 0;

  constructor(init: { perMilli: number; delay: number }) {
    this.#perMilli = init.perMilli;
    this.#delay = init.delay;
  }

  run(from: number, to: number): void {
    for (let now = from; now < to; now++) {
      while ((this.#coming[0] ?? Infinity) <= now) {
        this.#coming.shift();
        this.window.acknowledged(now);
      }
      while (this.window.room > 0) this.#send(now);
    }
  }

  #send(now: number): void {
    this.window.sent(1, now);
    this.#free = Math.max(now, this.#free) + 1 / this.#perMilli;
    this.longestWait = Math.max(this.longestWait, this.#free - now);
    this.arrived += 1;
    this.#count += 1;
    if (this.#count % increment === 0) this.#coming.push(this.#free + this.#delay);
  }
}

describe("the window of a link", () => {
  test("holds back what the peer has not read, and lets it go as it reads", () => {
    const window = new LinkWindow();
    expect(window.room).toBe(least);
    window.sent(least, 0);
    expect(window.room).toBe(0);
    window.acknowledged(1);
    expect(window.room).toBeGreaterThanOrEqual(increment);
  });

  test("asks for LINK_SENDME after each increment that was read", () => {
    const window = new LinkWindow();
    const due = Array.from({ length: 3 * increment }, () => window.received());
    expect(due.flatMap((isDue, i) => (isDue ? [i + 1] : []))).toEqual([
      increment,
      2 * increment,
      3 * increment,
    ]);
  });

  test("a peer that acknowledges what was not sent is refused", () => {
    const window = new LinkWindow();
    window.sent(increment - 1, 0);
    expect(() => {
      window.acknowledged(0);
    }).toThrow(expect.objectContaining({ code: "protocol", where: "link" }));
    const other = new LinkWindow();
    other.sent(increment, 0);
    other.acknowledged(0);
    expect(() => {
      other.acknowledged(0);
    }).toThrow(expect.objectContaining({ code: "protocol" }));
  });

  test("a long way, of 100 ms there and back, is filled after a second", () => {
    const path = new Path({ perMilli: 15, delay: 100 });
    path.run(0, 1000);
    const before = path.arrived;
    path.run(1000, 3000);
    expect(path.arrived - before).toBeGreaterThan(0.9 * 15 * 2000);
  });

  test("what waits at a slow peer is about a target's worth, once the window has found its size", () => {
    const path = new Path({ perMilli: 4, delay: 10 });
    path.run(0, 5000);
    path.longestWait = 0;
    path.run(5000, 10_000);
    expect(path.longestWait).toBeLessThan(3 * target);
    expect(path.arrived).toBeGreaterThan(0.95 * 4 * 10_000);
  });

  test("is never below its least nor above its most, whatever the times, and none goes beyond it", () => {
    const pauses = fc.array(fc.nat(200), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(pauses, (all) => {
        const window = new LinkWindow();
        let [now, underWay] = [0, 0];
        for (const pause of all) {
          now += pause;
          for (; window.room > 0; underWay++) window.sent(1, now);
          expect(underWay).toBeGreaterThanOrEqual(window.size);
          for (let acks = 1 + (pause % 5); acks > 0 && underWay >= increment; acks--) {
            window.acknowledged(now + 1);
            underWay -= increment;
          }
          expect(window.size).toBeGreaterThanOrEqual(least);
          expect(window.size).toBeLessThanOrEqual(most);
          expect(window.size % increment).toBe(0);
          expect(window.room).toBe(window.size - underWay);
        }
      }),
    );
  });
});
