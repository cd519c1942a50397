import { targetKey, type PathTarget } from "../directory/path-table.ts";
import type { Clock } from "../ports/clock.ts";

/** What a browser asks for: circuits for these are always kept. */
const ALWAYS: readonly PathTarget[] = [{ port: 443 }, { port: 80 }];
/** The same where only exits that fetch can be had, and may be used. */
export const ALWAYS_FETCHED: readonly PathTarget[] = ALWAYS.map((target) => ({ ...target, fetch: true }));
const REMEMBERED_MS = 3_600_000;
/** A page may ask for any number of ports. */
const MAX_REMEMBERED = 8;

/** What streams of the last hour asked of their exits: the next ones will ask for the same. Kept in memory only. */
export class PredictedPorts {
  readonly #clock: Clock;
  /** By their text, the oldest first; when they were last asked for. */
  readonly #seen = new Map<string, { readonly target: PathTarget; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(target: PathTarget): void {
    if (target.port === undefined) return;
    const key = targetKey(target);
    this.#seen.delete(key);
    this.#seen.set(key, { target, at: this.#clock.monotonic() });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** The newest first. */
  get targets(): readonly PathTarget[] {
    const since = this.#clock.monotonic() - REMEMBERED_MS;
    const recent = [...this.#seen.values()].filter(({ at }) => at > since).map(({ target }) => target);
    const others = ALWAYS.filter(({ port }) => !recent.some((one) => targetKey(one) === targetKey({ port })));
    return [...recent.reverse(), ...others];
  }
}
