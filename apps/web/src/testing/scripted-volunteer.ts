import type { Clock, DataUsed, RelayId, RelayStats } from "@tabor/onion-core";
import { Store } from "../services/store.ts";
import type { FetchReport, RelayReport } from "../services/volunteer.ts";
import type { Surroundings } from "../volunteer/rest.ts";
import type { RunningRelay } from "../volunteer/running.ts";
import { DEFAULT_SETTINGS, readSettings, type VolunteerSettings } from "../volunteer/settings.ts";
import { noTotals, type VolunteerTotals } from "../volunteer/totals.ts";
import type { OnlyRelay, VolunteerStore, VolunteerSwitchInit } from "../volunteer/volunteer-switch.ts";

/** A relay that does what a test or a demonstration says. */
export class ScriptedRelay implements RunningRelay {
  isClosed = false;
  isDraining = false;
  limits: VolunteerSettings["limits"] = DEFAULT_SETTINGS.limits;
  fetching: FetchReport = { name: "off" };
  stats: RelayStats = {
    ...{ relayLinks: 4, clientLinks: 1, circuits: 0, circuitsTotal: 0, circuitsRefused: 0 },
    ...{ cellsIn: 0, cellsOut: 0, bytesIn: 0, bytesOut: 0 },
  };
  ways: Pick<RelayReport, "nat" | "connections"> = {
    nat: "easy",
    connections: { opened: 5, failed: 0, throughTurn: 0 },
  };
  /** Called with each report. */
  moves: () => void = () => undefined;
  tested: () => Promise<number> = () => Promise.resolve(84);
  drained: () => void = () => undefined;
  readonly #dataUsed: DataUsed;

  constructor(dataUsed: DataUsed) {
    this.#dataUsed = dataUsed;
  }

  report(): ReturnType<RunningRelay["report"]> {
    this.moves();
    const { bytesIn, bytesOut } = this.stats;
    const bytes = bytesIn + bytesOut;
    const { day, bytesOfDay, bytesOfMonth } = this.#dataUsed;
    return {
      ...{ relay: "TabRelayTabRelayTabRelayTabRelayTabRelayAAA" as RelayId, stats: this.stats },
      ...{ listed: true, otherRelays: 4, allowance: "free", problem: undefined, ...this.ways },
      fetching: this.fetching,
      dataUsed: { day, bytesOfDay: bytesOfDay + bytes, bytesOfMonth: bytesOfMonth + bytes },
    };
  }

  limit(limits: VolunteerSettings["limits"]): void {
    this.limits = limits;
  }

  fetchBy(rules: string | undefined): void {
    if (rules === undefined) this.fetching = { name: "off" };
    else if (this.fetching.name === "off")
      this.fetching = { name: "on", now: 2, total: 31, bytesIn: 5_400_000, bytesOut: 62_000 };
  }

  drain(): Promise<void> {
    this.isDraining = true;
    return new Promise((resolve) => (this.drained = resolve));
  }

  test(): Promise<number> {
    return this.tested();
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Settings and totals in memory, as another tab would share them. */
export class MemoryVolunteerStore implements VolunteerStore {
  settings: unknown;
  totals: VolunteerTotals;
  readonly #listeners = new Set<() => void>();

  constructor(settings: unknown, now: number) {
    this.settings = settings;
    this.totals = noTotals(now);
  }

  load(): ReturnType<VolunteerStore["load"]> {
    return Promise.resolve({ settings: readSettings(this.settings), totals: this.totals });
  }

  saveSettings(settings: VolunteerSettings): void {
    this.settings = settings;
  }

  saveTotals(totals: VolunteerTotals): void {
    this.totals = totals;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changeElsewhere(settings: unknown): void {
    this.settings = settings;
    for (const listener of this.#listeners) listener();
  }
}

export const AT_HOME: Surroundings = {
  ...{ isOnline: true, isMetered: false, isOnBattery: undefined, isFrozen: false },
};

/** A browser with this one tab. */
export const onlyTab: OnlyRelay = {
  take: ({ granted }) => {
    granted();
    return () => undefined;
  },
};

/** What a switch needs, of which each part may be played. */
export function scriptedVolunteer(clock: Clock, settings: unknown = DEFAULT_SETTINGS) {
  const relays: ScriptedRelay[] = [];
  const store = new MemoryVolunteerStore(settings, clock.now());
  const surroundings = new Store<Surroundings>(AT_HOME);
  const awake = new Store(undefined);
  const init: VolunteerSwitchInit = {
    ...{ clock, store, surroundings, only: onlyTab },
    awakenings: (listener) => awake.subscribe(listener),
    startRelay: ({ dataUsed }) => {
      const relay = new ScriptedRelay(dataUsed);
      relays.push(relay);
      return Promise.resolve(relay);
    },
  };
  const awaken = (): void => {
    awake.value = undefined;
  };
  return { init, relays, store, surroundings, awaken };
}
