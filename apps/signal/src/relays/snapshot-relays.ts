/** Registrations of one process, of which there is always a whole snapshot on disk. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Cancel, type Clock, type Log, type RelayId, TaborError } from "@tabor/onion-core";
import * as v from "valibot";
import { replaceFile } from "../files.ts";
import { MemoryRelays } from "./memory-relays.ts";
import { recordOf, relayOf, relayRecordSchema } from "./relay-record.ts";
import { GRACE, type RegisteredRelay, type RelayChange, type RelayStore } from "./relay-store.ts";

const FILE_NAME = "relays.json";
/** Milliseconds: a snapshot older than a consensus stays fresh (SPEC §8.2) says nothing of who is there. */
const MAX_AGE = 120_000;
/** Milliseconds from a change to the snapshot that has it, and between two without any. */
const GATHER = 1000;
const REFRESH = 30_000;
/** Bytes: 100 000 relays. */
const MAX_LENGTH = 200_000_000;
/** Who holds a registration that was read back: nobody has this name. */
const BEFORE = "before";

const snapshotSchema = v.strictObject({
  version: v.literal(1),
  /** Milliseconds since the Unix epoch. */
  written: v.number(),
  relays: v.array(relayRecordSchema),
});

export interface SnapshotOptions {
  readonly stateFolder: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class SnapshotRelays implements RelayStore {
  readonly #relays = new MemoryRelays();
  readonly #path: string;
  readonly #options: SnapshotOptions;
  #cancel: Cancel = () => undefined;
  #cancelGrace: Cancel = () => undefined;
  #isClosed = false;
  #isChanged = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#path = join(options.stateFolder, FILE_NAME);
    this.#relays.onChange(() => {
      if (!this.#isChanged) this.#schedule(GATHER);
      this.#isChanged = true;
    });
  }

  /** With who was registered when the last process ended, each for `GRACE`, or until it is back. */
  static async open(options: SnapshotOptions): Promise<SnapshotRelays> {
    const store = new SnapshotRelays(options);
    await store.#restore();
    store.#schedule(REFRESH);
    return store;
  }

  all(): readonly RegisteredRelay[] {
    return this.#relays.all();
  }

  get(id: RelayId): RegisteredRelay | undefined {
    return this.#relays.get(id);
  }

  put(relay: RegisteredRelay): void {
    this.#relays.put(relay);
  }

  remove(id: RelayId, connection: string): void {
    this.#relays.remove(id, connection);
  }

  onChange(listener: (change: RelayChange) => void): Cancel {
    return this.#relays.onChange(listener);
  }

  settled(): Promise<void> {
    return this.#isChanged ? this.#write() : this.#writing;
  }

  close(): Promise<void> {
    void this.#relays.close();
    if (!this.#isClosed) void this.#write();
    this.#isClosed = true;
    this.#cancel();
    this.#cancelGrace();
    return this.#writing;
  }

  async #restore(): Promise<void> {
    const { clock, log } = this.#options;
    const relays = await this.#read().catch((error: unknown) => {
      log.warn("the snapshot of the registered relays could not be read", { reason: String(error) });
      return [];
    });
    for (const relay of relays) this.#relays.put(relay);
    if (relays.length > 0) log.info("relays are still registered from before", { relays: relays.length });
    this.#cancelGrace = clock.after(GRACE, () => {
      for (const { descriptor } of relays) this.#relays.remove(descriptor.identity, BEFORE);
    });
  }

  async #read(): Promise<readonly RegisteredRelay[]> {
    const text = await readSnapshot(this.#path);
    if (text === undefined) return [];
    const now = this.#options.clock.now();
    const { written, relays } = v.parse(snapshotSchema, JSON.parse(text));
    if (Math.abs(now - written) > MAX_AGE) return [];
    const known = await Promise.allSettled(relays.map((record) => relayOf(record, now)));
    return known.flatMap((one) => (one.status === "fulfilled" ? { ...one.value, connection: BEFORE } : []));
  }

  #schedule(ms: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    this.#cancel = this.#options.clock.after(ms, () => void this.#write());
  }

  /** One after the other; each has what there is when it begins. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      this.#isChanged = false;
      this.#schedule(REFRESH);
      const { clock, log } = this.#options;
      const snapshot = { version: 1, written: clock.now(), relays: this.#relays.all().map(recordOf) };
      await replaceFile(this.#path, JSON.stringify(snapshot)).catch((error: unknown) => {
        log.error("the registered relays could not be written down", { reason: String(error) });
      });
    });
    return this.#writing;
  }
}

async function readSnapshot(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > MAX_LENGTH)
      throw new TaborError("resource-limit", "here", "it is too long");
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
