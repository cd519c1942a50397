import { toTaborError, type Cancel, type Clock } from "@tabor/onion-core";
import { Store, type Readable } from "./store.ts";
import type { Volunteer, VolunteerState } from "./volunteer.ts";

/** A relay at work in this tab. */
export interface RunningRelay {
  report(): Omit<VolunteerState & { readonly name: "on" }, "name">;
  close(): void;
}

/** How often what the relay reports is shown anew, in milliseconds. */
const REPORT_MS = 1000;

/** Starts and stops the tab's relay as the person switches; at most one runs. */
export class VolunteerSwitch implements Volunteer {
  readonly #startRelay: () => Promise<RunningRelay>;
  readonly #clock: Clock;
  readonly #state = new Store<VolunteerState>({ name: "off" });
  /** Changes with each start and stop: a relay that arrives for an older one is closed at once. */
  #turn = 0;
  #running: RunningRelay | undefined;
  #cancelReport: Cancel = () => undefined;

  constructor(startRelay: () => Promise<RunningRelay>, clock: Clock) {
    this.#startRelay = startRelay;
    this.#clock = clock;
  }

  get state(): Readable<VolunteerState> {
    return this.#state;
  }

  start(): void {
    const { name } = this.#state.value;
    if (name !== "on" && name !== "starting") void this.#start(++this.#turn);
  }

  stop(): void {
    this.#turn++;
    this.#cancelReport();
    this.#running?.close();
    this.#running = undefined;
    this.#state.value = { name: "off" };
  }

  async #start(turn: number): Promise<void> {
    this.#state.value = { name: "starting" };
    try {
      const relay = await this.#startRelay();
      if (turn !== this.#turn) {
        relay.close();
        return;
      }
      this.#running = relay;
      this.#report(relay);
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.#state.value = { name: "failed", problem: toTaborError(thrown, "here", "starting the relay") };
    }
  }

  #report(relay: RunningRelay): void {
    this.#state.value = { name: "on", ...relay.report() };
    this.#cancelReport = this.#clock.after(REPORT_MS, () => {
      this.#report(relay);
    });
  }
}
