import { readFile, stat } from "node:fs/promises";
import {
  type Cancel,
  type Clock,
  decodeMeasurements,
  isAtWork,
  type Log,
  type Measurements,
  type RelayId,
  shortId,
  type RelayStanding,
  standingOf,
  toTaborError,
} from "@tabor/onion-core";

/** How often it is looked at, in milliseconds. */
const INTERVAL = 2_000;
/** Bytes: of as many relays as a consensus may hold. */
const MAX_LENGTH = 33_554_432;

export interface MeasurementsFileInit {
  /** Where a measurer writes (`npm run measure`); there need not be one. */
  readonly path: string;
  /** Other relays answer than before. What was measured is for the next consensus, whenever that is. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a measurer says of the relays, as it is now. If the file cannot be read, what was read before holds. */
export class MeasurementsFile {
  readonly #init: MeasurementsFileInit;
  #measurements: Measurements | undefined;
  #readAt = 0;
  #answering: ReadonlySet<RelayId> | undefined;
  #complaint: string | undefined;
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  constructor(init: MeasurementsFileInit) {
    this.#init = init;
    void this.#look();
  }

  standingOf(relay: RelayId): RelayStanding {
    return standingOf(this.#measurements, relay, this.#init.clock.now());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    await this.#readAgain().catch(this.#complain);
    if (this.#isClosed) return;
    const before = this.#answering;
    this.#answering = this.#whoAnswers();
    if (this.#tell(before, this.#answering)) this.#init.changed();
    this.#cancel = this.#init.clock.after(INTERVAL, () => void this.#look());
  }

  /** Who writes it puts a new one in its place. */
  async #readAgain(): Promise<void> {
    const { path } = this.#init;
    const found = await stat(path).catch(noneThere);
    if (found === undefined || found.mtimeMs === this.#readAt) return;
    this.#readAt = found.mtimeMs;
    if (found.size > MAX_LENGTH) throw new Error(`${path} is too large`);
    this.#measurements = decodeMeasurements(await readFile(path, "utf8"));
    this.#complaint = undefined;
  }

  readonly #complain = (thrown: unknown): void => {
    const { message } = toTaborError(thrown, "here", "reading the measurements");
    if (message !== this.#complaint)
      this.#init.log.warn("the measurements cannot be read", { reason: message });
    this.#complaint = message;
  };

  /** Undefined while nobody asks. */
  #whoAnswers(): ReadonlySet<RelayId> | undefined {
    const { relays } = this.#measurements ?? {};
    if (relays === undefined || !isAtWork(this.#measurements, this.#init.clock.now())) return undefined;
    return new Set([...relays.keys()].filter((relay) => relays.get(relay)?.answers));
  }

  /** @returns whether something has changed. */
  #tell(before: ReadonlySet<RelayId> | undefined, now: ReadonlySet<RelayId> | undefined): boolean {
    const { log } = this.#init;
    if (before === undefined && now === undefined) return false;
    if (now === undefined) log.warn("the measurer is away: every relay that is joined runs");
    else if (before === undefined)
      log.info("a measurer is at work: who answers it runs", { answering: now.size });
    if (before === undefined || now === undefined) return true;
    const gone = [...before].filter((relay) => !now.has(relay));
    for (const relay of gone) log.info("a relay does not answer any more", { relay: shortId(relay) });
    return gone.length > 0 || now.size > before.size;
  }
}

function noneThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
