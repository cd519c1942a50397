import { decodeGuards, encodeGuards } from "./guard-records.ts";
import type { GuardDeps } from "./guard-sample.ts";
import { GuardSet } from "./guard-set.ts";
import { TaborError, toTaborError } from "../../errors.ts";
import type { Log } from "../../ports/log.ts";
import { within } from "../within.ts";

/** How long a client waits for its store: then it begins with no guards, or keeps what it knows with the next change. */
const STORE_DEADLINE_MS = 10_000;

/**
 * Where a client keeps its guards between sessions; nothing else of it is kept. What is stored may be thrown away at any time, or
 * be damaged: the guards that are missing are drawn anew.
 */
export interface GuardStore {
  /** What was saved last, if anything. */
  load(): Promise<string | undefined>;
  /** @param text at most 16 KiB. */
  save(text: string): Promise<void>;
}

/** A client's guards, kept in a store. Storage that fails costs the guards their long life, never the client its circuits. */
export class Guards {
  readonly #store: GuardStore;
  readonly #deps: GuardDeps & { readonly log: Log };
  #loading: Promise<GuardSet> | undefined;
  #set: GuardSet | undefined;
  #saved: string | undefined;
  #saving = false;

  constructor(store: GuardStore, deps: GuardDeps & { readonly log: Log }) {
    this.#store = store;
    this.#deps = deps;
  }

  /** The guards, once they are loaded. Never throws. */
  load(): Promise<GuardSet> {
    return (this.#loading ??= this.#load());
  }

  /** The guards, if they are loaded. */
  get current(): GuardSet | undefined {
    return this.#set;
  }

  async #load(): Promise<GuardSet> {
    try {
      this.#saved = await this.#inTime(this.#store.load());
    } catch (thrown) {
      this.#complain(thrown, "reading the guards");
    }
    const records = decodeGuards(this.#saved ?? "", this.#deps.clock.now());
    this.#set = new GuardSet(records, this.#deps, () => {
      this.#changed();
    });
    return this.#set;
  }

  /** Several changes of one moment are saved once. */
  #changed(): void {
    if (this.#saving) return;
    this.#saving = true;
    this.#deps.clock.soon(() => void this.#save());
  }

  /** Until what is stored is what is known; what fails is tried with the next change. */
  async #save(): Promise<void> {
    try {
      for (let text = this.#text(); text !== this.#saved; text = this.#text()) {
        await this.#inTime(this.#store.save(text));
        this.#saved = text;
      }
    } catch (thrown) {
      this.#complain(thrown, "keeping the guards");
    } finally {
      this.#saving = false;
    }
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    const late = (): TaborError => new TaborError("timeout", "here", "the store does not answer");
    return within(answer, { clock: this.#deps.clock, ms: STORE_DEADLINE_MS, signal: undefined, late });
  }

  #text(): string {
    return encodeGuards(this.#set?.records ?? []);
  }

  #complain(thrown: unknown, doing: string): void {
    const { code } = toTaborError(thrown, "here", doing);
    this.#deps.log.warn("the guards cannot be kept", { doing, code });
  }
}
