import { DataAllowance, toTaborError, type Cancel, type Clock, type DataUsed } from "@tabor/onion-core";
import { pauseUntilAwake, type Awakenings } from "../services/awakenings.ts";
import { Store, type Readable } from "../services/store.ts";
import type { SelfTest, TrafficSample, Volunteer, VolunteerState } from "../services/volunteer.ts";
import { restReason, type RestReason, type Surroundings } from "./rest.ts";
import { Running, type RunningRelay } from "./running.ts";
import {
  DEFAULT_SETTINGS,
  fetchRules,
  relayLimits,
  type OwnLimits,
  type VolunteerSettings,
} from "./settings.ts";
import { localDay, noTotals, withMore, type VolunteerTotals } from "./totals.ts";

/** What is kept of the volunteer. */
export interface VolunteerStore {
  /** Never throws: where nothing can be kept, all is as at first. */
  load(): Promise<{ readonly settings: VolunteerSettings; readonly totals: VolunteerTotals }>;
  saveSettings(settings: VolunteerSettings): void;
  saveTotals(totals: VolunteerTotals): void;
  /** Another tab has changed the settings. */
  onChanged(listener: () => void): Cancel;
}

/** Of all tabs of this browser one is the relay. */
export interface OnlyRelay {
  /** Calls `granted` when it is this one's turn; before, `waits` if it is another's. @returns how to give it up. */
  take(listener: { readonly granted: () => void; readonly waits: () => void }): Cancel;
}

export interface VolunteerSwitchInit {
  readonly clock: Clock;
  readonly startRelay: (options: { limits: OwnLimits; dataUsed: DataUsed }) => Promise<RunningRelay>;
  readonly store: VolunteerStore;
  readonly only: OnlyRelay;
  readonly surroundings: Readable<Surroundings>;
  readonly awakenings: Awakenings;
}

/** How often what the relay reports is shown anew, and whether it may run looked at, in milliseconds. */
const REPORT_MS = 1000;
/** After a start that failed, unless something speaks for another try before. */
const RETRY_MS = 15_000;
/** How much of the past the graph shows. */
const SAMPLES = 180;

type Turn = "none" | "asked" | "waits" | "ours";

/** Has this tab be a relay whenever its person wants that, the limits allow it, and no other tab of this browser is one. */
export class VolunteerSwitch implements Volunteer {
  readonly #init: VolunteerSwitchInit;
  readonly #state = new Store<VolunteerState>({ name: "off" });
  readonly #settings = new Store<VolunteerSettings>(DEFAULT_SETTINGS);
  readonly #totals: Store<VolunteerTotals>;
  readonly #traffic = new Store<readonly TrafficSample[]>([]);
  readonly #selfTest = new Store<SelfTest>({ name: "none" });
  #turn: Turn = "none";
  #giveUpTurn: Cancel = () => undefined;
  /** Changes with each start and stop: a relay that arrives for an older one is closed at once. */
  #round = 0;
  #isStarting = false;
  #running: Running | undefined;
  #isGone = false;
  #cancelTick: Cancel = () => undefined;

  constructor(init: VolunteerSwitchInit) {
    this.#init = init;
    this.#totals = new Store(noTotals(init.clock.now()));
    init.surroundings.subscribe(this.#decide);
    init.store.onChanged(() => void this.load());
  }

  get state(): Readable<VolunteerState> {
    return this.#state;
  }

  get settings(): Readable<VolunteerSettings> {
    return this.#settings;
  }

  get totals(): Readable<VolunteerTotals> {
    return this.#totals;
  }

  get traffic(): Readable<readonly TrafficSample[]> {
    return this.#traffic;
  }

  get selfTest(): Readable<SelfTest> {
    return this.#selfTest;
  }

  get surroundings(): Readable<Surroundings> {
    return this.#init.surroundings;
  }

  /** Takes up what was remembered, here or by another tab. */
  async load(): Promise<void> {
    const { settings, totals } = await this.#init.store.load();
    this.#settings.value = settings;
    if (this.#running === undefined) this.#totals.value = totals;
    this.#apply();
    this.#decide();
  }

  change(change: Partial<VolunteerSettings>): void {
    const settings = { ...this.#settings.value, ...change };
    this.#settings.value = settings;
    this.#init.store.saveSettings(settings);
    this.#apply();
    this.#decide();
  }

  test(): void {
    if (this.#running !== undefined) void this.#test(this.#running);
  }

  /** The page goes: the neighbours are told; what was chosen stays chosen. */
  leave(): void {
    this.#isGone = true;
    this.#decide();
  }

  /** Makes what is what should be. Called whenever something has changed. */
  readonly #decide = (): void => {
    const { isOn, hasConsented } = this.#settings.value;
    this.#cancelTick();
    if (!isOn || !hasConsented || this.#isGone) {
      this.#stop();
      this.#leaveTurn();
      this.#state.value = { name: "off" };
      return;
    }
    this.#cancelTick = this.#init.clock.after(REPORT_MS, this.#decide);
    if (this.#turn !== "ours") {
      this.#takeTurn();
      return;
    }
    const rest = this.#rest();
    if (rest !== undefined) this.#restFor(rest);
    else if (this.#running !== undefined) this.#report(this.#running);
    else if (!this.#isStarting) void this.#start(++this.#round);
  };

  #apply(): void {
    const relay = this.#running?.relay;
    relay?.limit(this.#settings.value.limits);
    relay?.fetchBy(fetchRules(this.#settings.value));
  }

  #takeTurn(): void {
    if (this.#turn === "none") {
      this.#turn = "asked";
      this.#giveUpTurn = this.#init.only.take({
        granted: () => {
          this.#turn = "ours";
          // The tab that was the relay may have kept more than we know.
          void this.load();
        },
        waits: () => {
          this.#turn = "waits";
          this.#decide();
        },
      });
    }
    this.#state.value = { name: this.#turn === "waits" ? "elsewhere" : "starting" };
  }

  #leaveTurn(): void {
    this.#giveUpTurn();
    this.#giveUpTurn = () => undefined;
    this.#turn = "none";
  }

  #rest(): RestReason | undefined {
    const { clock, surroundings } = this.#init;
    const { limits } = this.#settings.value;
    const hour = new Date(clock.now()).getHours();
    const reason = restReason(limits, surroundings.value, hour);
    if (reason !== undefined) return reason;
    const allowance = new DataAllowance(clock, this.#totals.value.data, localDay);
    allowance.limit(relayLimits(limits));
    return allowance.state === "free" ? undefined : "data";
  }

  #restFor(reason: RestReason): void {
    const running = this.#running;
    if (running !== undefined && (reason === "hours" || reason === "data" || reason === "battery")) {
      // What runs may end well. On a metered network each byte counts, and without any there is nothing to end.
      running.draining ??= running.relay.drain().then(() => {
        if (this.#running === running) this.#stop();
      });
      this.#count(running, running.relay.report());
    } else this.#stop();
    this.#state.value = { name: "resting", reason };
  }

  #stop(): void {
    this.#round++;
    this.#isStarting = false;
    const running = this.#running;
    if (running === undefined) return;
    this.#count(running, running.relay.report());
    this.#running = undefined;
    running.relay.close();
    this.#init.store.saveTotals(this.#totals.value);
    this.#traffic.value = [];
    this.#selfTest.value = { name: "none" };
  }

  async #start(round: number): Promise<void> {
    this.#isStarting = true;
    const { startRelay, clock } = this.#init;
    if (this.#state.value.name !== "failed") this.#state.value = { name: "starting" };
    try {
      const { limits } = this.#settings.value;
      const relay = await startRelay({ limits, dataUsed: this.#totals.value.data });
      if (round !== this.#round) {
        relay.close();
        return;
      }
      this.#isStarting = false;
      this.#running = new Running(relay, clock.monotonic());
      this.#apply();
      this.#decide();
    } catch (thrown) {
      if (round !== this.#round) return;
      this.#state.value = { name: "failed", problem: toTaborError(thrown, "here", "starting the relay") };
      await pauseUntilAwake(this.#init, RETRY_MS);
      if (round !== this.#round) return;
      this.#isStarting = false;
      this.#decide();
    }
  }

  #report(running: Running): void {
    if (running.draining !== undefined) {
      // It has left the directory: another begins in its place.
      this.#stop();
      this.#decide();
      return;
    }
    const report = running.relay.report();
    this.#count(running, report);
    const minutes = Math.floor((this.#init.clock.monotonic() - running.began) / 60_000);
    this.#state.value = { name: "on", minutes, ...report };
    const isFit = report.listed && report.stats.relayLinks > 0 && report.problem === undefined;
    if (isFit && this.#selfTest.value.name === "none") void this.#test(running);
  }

  #count(running: Running, { stats, dataUsed }: ReturnType<RunningRelay["report"]>): void {
    const now = this.#init.clock.now();
    const { seconds, bytesIn, bytesOut, circuits } = running.since(stats, this.#init.clock.monotonic());
    this.#totals.value = withMore(this.#totals.value, {
      bytes: bytesIn + bytesOut,
      circuits,
      data: dataUsed,
      now,
    });
    if (running.isToBeSaved(this.#init.clock.monotonic())) this.#init.store.saveTotals(this.#totals.value);
    if (seconds === 0) return;
    const sample = { at: now, in: bytesIn / seconds, out: bytesOut / seconds };
    this.#traffic.value = [...this.#traffic.value, sample].slice(-SAMPLES);
  }

  async #test(running: Running): Promise<void> {
    if (this.#selfTest.value.name === "running") return;
    this.#selfTest.value = { name: "running" };
    const outcome = await running.test(() => this.#init.clock.now());
    if (this.#running === running) this.#selfTest.value = outcome;
  }
}
