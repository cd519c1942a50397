import type { Leg } from "./leg.ts";
import { TaborError } from "../errors.ts";
import type { Cancel, Clock } from "../ports/clock.ts";

/** SPEC §14.4: a leg that does not move for so long while something is awaited of it is given up; noticed within twice the time. */
const STALL_MS = 15_000;

/** Gives up a leg that stands still: a relay on it may be silent without ever ending the circuit, and would hold the other leg too. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #awaited: () => readonly Leg[];
  /** Those of which something was awaited the last time, and how far they had come. */
  #before: ReadonlyMap<Leg, number> = new Map();
  #cancel: Cancel = () => undefined;

  /** @param awaited tells of which legs something is awaited now. */
  constructor(clock: Clock, awaited: () => readonly Leg[]) {
    this.#clock = clock;
    this.#awaited = awaited;
  }

  start(): void {
    this.#cancel = this.#clock.after(STALL_MS, () => {
      this.#look();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const awaited = this.#awaited();
    const stalled = awaited.find((leg) => this.#before.get(leg) === leg.progress);
    this.#before = new Map(awaited.map((leg) => [leg, leg.progress]));
    if (stalled === undefined) this.start();
    else stalled.end.destroy(new TaborError("timeout", "relay", "a leg stands still"));
  }
}
