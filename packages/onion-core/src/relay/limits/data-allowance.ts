import type { Clock } from "../../ports/clock.ts";

/** How much a relay may carry, in bytes, received and sent added up, as providers count. Undefined: any amount. */
export interface DataLimits {
  readonly perDay?: number | undefined;
  readonly perMonth?: number | undefined;
}

/** What a relay has carried: kept by its owner, so that a limit holds over restarts. */
export interface DataUsed {
  /** The day that is meant, as "2026-11-23"; the month is its first seven characters. */
  readonly day: string;
  readonly bytesOfDay: number;
  readonly bytesOfMonth: number;
}

/**
 * - *free*: there is no limit near.
 * - *low*: more than 95 % is used up; no new circuits, so that those that run can end well (as Tor's soft limit).
 * - *spent*: nothing is left until the day, or the month, is over.
 */
export type AllowanceState = "free" | "low" | "spent";

/** Names the day of a time: "2026-11-23". */
export type Calendar = (now: number) => string;

/** The part of a limit from which on there are no new circuits. */
const LOW = 0.95;
/** So often, in milliseconds, it is looked whether a new day has begun. */
const LOOK_INTERVAL_MS = 1000;

const utcDay: Calendar = (now) => new Date(now).toISOString().slice(0, 10);

/** Counts a relay's data by day and month, and says when the owner's limit is near or reached (Tor: `AccountingMax`). */
export class DataAllowance {
  readonly #clock: Clock;
  readonly #dayOf: Calendar;
  #used: { day: string; bytesOfDay: number; bytesOfMonth: number };
  #limits: DataLimits = {};
  #lookedAt = -Infinity;

  /** @param dayOf UTC unless given. */
  constructor(clock: Clock, used?: DataUsed, dayOf: Calendar = utcDay) {
    this.#clock = clock;
    this.#dayOf = dayOf;
    this.#used = { ...(used ?? { day: dayOf(clock.now()), bytesOfDay: 0, bytesOfMonth: 0 }) };
  }

  limit(limits: DataLimits): void {
    this.#limits = limits;
  }

  get used(): DataUsed {
    this.#look();
    return { ...this.#used };
  }

  get state(): AllowanceState {
    this.#look();
    const { perDay = Infinity, perMonth = Infinity } = this.#limits;
    const part = Math.max(this.#used.bytesOfDay / perDay, this.#used.bytesOfMonth / perMonth);
    if (part >= 1) return "spent";
    return part >= LOW ? "low" : "free";
  }

  add(bytes: number): void {
    this.#look();
    this.#used.bytesOfDay += bytes;
    this.#used.bytesOfMonth += bytes;
  }

  #look(): void {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt < LOOK_INTERVAL_MS) return;
    this.#lookedAt = now;
    const day = this.#dayOf(this.#clock.now());
    if (day === this.#used.day) return;
    const sameMonth = day.slice(0, 7) === this.#used.day.slice(0, 7);
    this.#used = { day, bytesOfDay: 0, bytesOfMonth: sameMonth ? this.#used.bytesOfMonth : 0 };
  }
}
