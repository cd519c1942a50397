import type { GuardAttempt, GuardChoice, GuardVerdict } from "./guard-attempt.ts";
import type { Guard } from "./guard.ts";
import type { GuardRecord } from "./guard-records.ts";
import { GuardSample, type GuardDeps } from "./guard-sample.ts";
import { BETTER_GUARD_PATIENCE, INTERNET_LIKELY_DOWN, MAX_WAITING } from "./parameters.ts";
import type { Consensus, RelayEntry } from "../../directory/consensus.ts";
import type { Cancel } from "../../ports/clock.ts";

/** A circuit that is being built or was built through a guard. */
interface Attempt {
  readonly choice: GuardChoice;
  readonly since: number;
  readonly settle: (verdict: GuardVerdict) => void;
  state: "building" | "waiting" | "complete";
  cancelTimers: Cancel;
}

/** Whether a guard goes with the rest of a circuit. */
export type FitsGuard = (relay: RelayEntry) => boolean;

/**
 * Which relay is the first hop of a circuit, and whether a circuit that was built may be used (SPEC §10.3). Few and
 * long-lived guards: whoever changes guards meets a bad one sooner, and whoever can keep us from our guards must not be able to
 * move us to others at will. A state machine: time and chance are handed in, and nothing here waits.
 */
export class GuardSet {
  readonly #deps: GuardDeps;
  readonly #sample: GuardSample;
  readonly #attempts = new Set<Attempt>();
  readonly #changed: () => void;
  /** Monotonic milliseconds, as in `Guard`. */
  #lastSuccess: number;

  /** @param changed what is to be kept (`records`) has changed. */
  constructor(records: readonly GuardRecord[], deps: GuardDeps, changed: () => void = () => undefined) {
    this.#deps = deps;
    this.#sample = new GuardSample(records, deps);
    this.#changed = changed;
    this.#lastSuccess = deps.clock.monotonic();
  }

  get records(): readonly GuardRecord[] {
    return this.#sample.records;
  }

  /** Whether guards are listed, but none of them answers. */
  get isOutOfReach(): boolean {
    const listed = this.#sample.sampled.filter((guard) => this.#sample.entryOf(guard) !== undefined);
    return listed.length > 0 && listed.every(({ reachable }) => reachable === "no");
  }

  /** Whether a circuit is built, and waits for a better guard that has still to be tried. */
  get wantsPrimary(): boolean {
    const waits = [...this.#attempts].some(({ state }) => state === "waiting");
    return waits && this.#sample.primary.some(({ reachable }) => reachable !== "no");
  }

  /** The guard for a circuit that it fits; undefined if none that may answer does. Changes nothing that a circuit would. */
  select(consensus: Consensus, fits: FitsGuard): GuardChoice | undefined {
    if (this.#sample.update(consensus)) this.#changed();
    this.#wake();
    const { primary, confirmed, sampled } = this.#sample;
    const primaryChoice = this.#firstUsable(primary, fits);
    if (primaryChoice !== undefined) return { ...primaryChoice, isPrimary: true };
    this.#expand();
    const isOther = (guard: Guard): boolean => !primary.includes(guard);
    const other =
      this.#firstNotPending(confirmed.filter(isOther), fits) ??
      this.#firstNotPending(sampled.filter(isOther), fits);
    return other && { ...other, isPrimary: false };
  }

  /** None answers, and the caller has waited a while; or the network may be back: each may be tried again. */
  retryAll(): void {
    for (const guard of this.#sample.sampled) if (guard.reachable === "no") guard.reachable = "maybe";
  }

  /** @param settle told once, after success, unless the circuit closes before. */
  begin(choice: GuardChoice, settle: (verdict: GuardVerdict) => void): GuardAttempt {
    const now = this.#deps.clock.monotonic();
    const attempt: Attempt = {
      ...{ choice, since: now, settle },
      state: "building",
      cancelTimers: () => undefined,
    };
    choice.guard.lastTried = now;
    if (!choice.isPrimary) choice.guard.pending += 1;
    this.#attempts.add(attempt);
    return {
      succeeded: () => {
        this.#succeeded(attempt);
      },
      failed: () => {
        if (attempt.state !== "building" || !this.#attempts.has(attempt)) return;
        choice.guard.failed(this.#deps.clock.monotonic());
        this.#over(attempt);
      },
      closed: () => {
        this.#over(attempt);
      },
    };
  }

  #succeeded(attempt: Attempt): void {
    if (attempt.state !== "building" || !this.#attempts.has(attempt)) return;
    const { guard, isPrimary } = attempt.choice;
    const now = this.#deps.clock.monotonic();
    const wasDown = now - this.#lastSuccess > INTERNET_LIKELY_DOWN;
    this.#lastSuccess = now;
    guard.answered();
    if (!isPrimary) guard.pending -= 1;
    // The network was away, and not the guards that could not be reached through it.
    if (wasDown && !isPrimary) this.#retryPrimary();
    if (guard.confirmedOn === undefined) {
      this.#sample.confirm(guard);
      this.#changed();
    }
    attempt.state = isPrimary ? "complete" : "waiting";
    if (isPrimary) attempt.settle("complete");
    else this.#wait(attempt);
    this.#settleWaiting();
  }

  /** A circuit that waits is looked at again when those that hold it back have had their time, and ends at last. */
  #wait(attempt: Attempt): void {
    const { clock } = this.#deps;
    const again = clock.after(BETTER_GUARD_PATIENCE, () => {
      this.#settleWaiting();
    });
    const end = clock.after(MAX_WAITING, () => {
      this.#supersede(attempt);
    });
    attempt.cancelTimers = () => {
      again();
      end();
    };
  }

  #over(attempt: Attempt): void {
    if (!this.#attempts.delete(attempt)) return;
    attempt.cancelTimers();
    if (attempt.state === "building" && !attempt.choice.isPrimary) attempt.choice.guard.pending -= 1;
    this.#settleWaiting();
  }

  /** Lets circuits through that waited for better guards, now that these are known not to answer; or ends them. */
  #settleWaiting(): void {
    const waiting = [...this.#attempts].filter(({ state }) => state === "waiting");
    for (const attempt of waiting.sort((a, b) => this.#rank(a) - this.#rank(b))) {
      const better = [...this.#attempts].filter((other) => this.#rank(other) < this.#rank(attempt));
      if (better.some(isInUse)) this.#supersede(attempt);
      else if (!better.some((other) => this.#holdsBack(other)) && !this.#mayBetterAnswer(attempt)) {
        attempt.state = "complete";
        attempt.cancelTimers();
        attempt.settle("complete");
      }
    }
  }

  #holdsBack({ state, since }: Attempt): boolean {
    if (state === "waiting") return true;
    return state === "building" && this.#deps.clock.monotonic() - since < BETTER_GUARD_PATIENCE;
  }

  /** Whether a primary guard that is preferred to this circuit's has still to be tried. */
  #mayBetterAnswer({ choice: { guard } }: Attempt): boolean {
    const { primary } = this.#sample;
    const at = primary.indexOf(guard);
    return (at < 0 ? primary : primary.slice(0, at)).some(({ reachable }) => reachable !== "no");
  }

  #supersede(attempt: Attempt): void {
    if (!this.#attempts.delete(attempt)) return;
    attempt.cancelTimers();
    attempt.settle("superseded");
  }

  /** Smaller is better: primary guards in their order, then confirmed ones in theirs, then those that were tried earlier. */
  #rank({ choice: { guard }, since }: Attempt): number {
    const { primary, confirmed } = this.#sample;
    const order = [...new Set([...primary, ...confirmed])].indexOf(guard);
    return order >= 0 ? order - 1e15 : since;
  }

  #retryPrimary(): void {
    for (const guard of this.#sample.primary) if (guard.reachable === "no") guard.reachable = "maybe";
  }

  #wake(): void {
    const now = this.#deps.clock.monotonic();
    const primary = new Set(this.#sample.primary);
    for (const guard of this.#sample.sampled) guard.wake(now, primary.has(guard));
  }

  #expand(): void {
    const before = this.#sample.sampled.length;
    this.#sample.expand();
    if (this.#sample.sampled.length > before) this.#changed();
  }

  #firstNotPending(guards: readonly Guard[], fits: FitsGuard): Omit<GuardChoice, "isPrimary"> | undefined {
    const idle = guards.filter(({ pending }) => pending === 0);
    return this.#firstUsable(idle, fits) ?? this.#firstUsable(guards, fits);
  }

  #firstUsable(guards: readonly Guard[], fits: FitsGuard): Omit<GuardChoice, "isPrimary"> | undefined {
    for (const guard of guards) {
      const entry = guard.reachable === "no" ? undefined : this.#sample.entryOf(guard);
      if (entry !== undefined && fits(entry)) return { guard, entry };
    }
    return undefined;
  }
}

/** New circuits can be had through its guard. */
function isInUse({ state, choice }: Attempt): boolean {
  return state === "complete" && choice.guard.reachable !== "no";
}
