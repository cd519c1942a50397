import type { GuardRecord } from "./guard-records.ts";
import { retryAfter } from "./parameters.ts";
import type { RelayId } from "../../crypto/ids.ts";

/** A relay of the sample: what is kept of it, and what this session knows. */
export class Guard {
  readonly id: RelayId;
  /** Milliseconds since the Unix epoch, as are the next two. */
  readonly addedOn: number;
  unlistedSince: number | undefined;
  confirmedOn: number | undefined;
  /** Whether it answers; *maybe* if that is not known, or no longer. */
  reachable: "yes" | "no" | "maybe" = "maybe";
  /** Monotonic milliseconds, as is the next. */
  lastTried: number | undefined;
  failingSince: number | undefined;
  /** Circuits that are being built through it although better guards might answer. */
  pending = 0;

  constructor({ id, addedOn, unlistedSince, confirmed }: GuardRecord) {
    this.id = id;
    this.addedOn = addedOn;
    this.unlistedSince = unlistedSince;
    this.confirmedOn = confirmed?.on;
  }

  failed(now: number): void {
    this.reachable = "no";
    this.failingSince ??= now;
  }

  answered(): void {
    this.reachable = "yes";
    this.failingSince = undefined;
  }

  /** Forgets that it did not answer, once it is time to try again. */
  wake(now: number, isPrimary: boolean): void {
    if (this.reachable !== "no" || this.failingSince === undefined) return;
    const wait = retryAfter(now - this.failingSince, isPrimary);
    if (now - (this.lastTried ?? this.failingSince) >= wait) this.reachable = "maybe";
  }
}
