import type { RelayId } from "@tabor/onion-core";

/** Milliseconds: who is away for longer begins anew. */
const LONGEST = 600_000;
/** So many are remembered, the last to have left. */
const MOST = 10_000;

interface Absence {
  readonly since: number;
  readonly leftAt: number;
}

/**
 * Relays that have left. One whose network fails for some minutes has been here as long as before when it is back, but for those minutes
 * (Tor's authorities weigh the same by mean time between failures). Times are milliseconds since the Unix epoch.
 */
export class Absences {
  readonly #absences = new Map<RelayId, Absence>();

  /** @param since when it counted as having come. */
  left(relay: RelayId, absence: Absence): void {
    this.#absences.delete(relay);
    this.#absences.set(relay, absence);
    for (const [oldest, { leftAt }] of this.#absences) {
      if (this.#absences.size <= MOST && absence.leftAt - leftAt <= LONGEST) break;
      this.#absences.delete(oldest);
    }
  }

  /** When it counts as having come. */
  since(relay: RelayId, joinedAt: number): number {
    const absence = this.#absences.get(relay);
    if (absence === undefined) return joinedAt;
    const away = Math.max(0, joinedAt - absence.leftAt);
    return away > LONGEST ? joinedAt : absence.since + away;
  }
}
