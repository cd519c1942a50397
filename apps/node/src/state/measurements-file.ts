import {
  decodeMeasurements,
  encodeMeasurements,
  TaborError,
  type Cancel,
  type Clock,
  type Log,
  type Measurements,
} from "@tabor/onion-core";
import { errorCode } from "../net/system-error.ts";
import { loadText, saveText } from "./text-file.ts";

/** Milliseconds: who has written nothing for two minutes is taken to be away (SPEC §8.7). */
const HEARTBEAT_MS = 30_000;
/** Milliseconds: many changes at once are one. */
const GATHER_MS = 500;

/** What was measured before. @throws malformed if the file holds something else. */
export async function loadMeasurements(path: string): Promise<Measurements | undefined> {
  const text = await loadText(path);
  try {
    return text === undefined ? undefined : decodeMeasurements(text);
  } catch (cause) {
    const advice = "delete it, and the relays are measured anew";
    throw new TaborError("malformed", "here", `${path} does not hold measurements: ${advice}.`, { cause });
  }
}

export interface MeasurementsKeeperInit {
  readonly path: string;
  /** Undefined while there is nothing to tell. */
  readonly current: () => Measurements | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Hands what is measured to the authority: soon after each change, and now and then to show that somebody is there. */
export class MeasurementsKeeper {
  readonly #init: MeasurementsKeeperInit;
  #saving = Promise.resolve();
  #cancel: Cancel = () => undefined;
  #isGathering = false;
  #isClosed = false;

  constructor(init: MeasurementsKeeperInit) {
    this.#init = init;
    this.#saveAfter(HEARTBEAT_MS);
  }

  changed(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#saveAfter(GATHER_MS);
  }

  /** Saves a last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#saving;
    await this.#save();
  }

  #saveAfter(ms: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    this.#cancel = this.#init.clock.after(ms, () => {
      this.#isGathering = false;
      this.#saving = this.#saving.then(() => this.#save());
      this.#saveAfter(HEARTBEAT_MS);
    });
  }

  async #save(): Promise<void> {
    const { path, current, log } = this.#init;
    const measurements = current();
    if (measurements === undefined) return;
    try {
      await saveText(path, encodeMeasurements(measurements));
    } catch (thrown) {
      log.warn("what was measured cannot be written", { code: errorCode(thrown) });
    }
  }
}
