import { echoOver, type EchoOutcome } from "./echo-circuit.ts";
import { Turns } from "./turns.ts";
import { GuardLinks } from "../guards/guard-links.ts";
import { shortId, type RelayId } from "../../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../../directory/consensus.ts";
import {
  MAX_MEASUREMENTS,
  recentResults,
  type Measurement,
  type Measurements,
} from "../../directory/measurements.ts";
import { mayBeNeighbours, mayShareCircuit } from "../../directory/path.ts";
import type { ChannelDialer, DirectorySource } from "../../directory/source.ts";
import { WeightedList } from "../../directory/weighted-choice.ts";
import { toTaborError } from "../../errors.ts";
import type { GuardTokens } from "../../handshake/link-gate.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Primitives } from "../../ports/primitives.ts";
import { randomFraction, type Random } from "../../ports/random.ts";

export interface MeasurerInit {
  readonly directory: DirectorySource;
  readonly dialer: ChannelDialer;
  /** What it shows to relays that it links to. */
  readonly tokens: GuardTokens;
  /** What was known when it last ended. */
  readonly known: Measurements | undefined;
  /** `measurements` says something else than before. */
  readonly changed: () => void;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What a measurer has done since its start, and how the relays are now. */
export interface MeasurerStats {
  readonly answering: number;
  readonly silent: number;
  /** Not tried since they joined. */
  readonly untried: number;
  /** With a result of the last day. */
  readonly measured: number;
  readonly looks: { readonly answered: number; readonly failed: number };
  readonly transfers: { readonly done: number; readonly failed: number };
}

/** One cell each way: whether it works at all. */
const LOOK = { bytes: 1024, ms: 10_000 };
const LOOKS_AT_A_TIME = 8;
const LOOK_INTERVAL_MS = 60_000;
const RETRY_MS = 5_000;
/** A relay that fails as often, beside as many others, does not answer. */
const MAX_FAILURES = 3;
/** Long enough for a window to open, and short enough to cost a volunteer little. One at a time: two would measure each other. */
const TRANSFER = { bytes: 16 * 2 ** 20, ms: 6_000 };
/** Five in the day for which a result counts; more often would use up what volunteers offer. */
const TRANSFER_INTERVAL_MS = 4 * 3_600_000;
/** While there are not as many results as may count. */
const FIRST_TRANSFERS_INTERVAL_MS = 300_000;
/** Of whom two are drawn: always the same two would never show who is slow of them. */
const LEAST_HELPERS = 3;
const MAX_RATE = 0xffff_fffe;
const KIBIBYTE = 1024;

interface Tried {
  readonly id: RelayId;
  entry: RelayEntry;
  /** Undefined: not tried yet, or not often enough to tell. */
  answers: boolean | undefined;
  /** Whether a link to it has worked: until then it is asked directly, as the clients will whose guard it is. */
  isReached: boolean;
  failures: number;
  /** Others that it failed beside: it may have been their fault. */
  readonly beside: Set<RelayId>;
  results: readonly Measurement[];
  /** The most that it took part in passing on, KiB/s, also beside others. */
  carried: number;
}

/** The way that a relay is tried: alone, or between two others that hide from it who asks. */
interface Way {
  readonly path: readonly RelayEntry[];
  /** Where in it the relay is that is tried. */
  readonly subject: number;
}

/**
 * Finds out what relays are good for, by circuits like those of clients (SPEC §8.7): whether they answer, again and again, and how
 * much they carry. A relay sees two neighbours and cells, as with any circuit.
 */
export class Measurer {
  readonly #init: MeasurerInit;
  readonly #links: GuardLinks;
  readonly #looks: Turns<RelayId>;
  readonly #transfers: Turns<RelayId>;
  readonly #relays = new Map<RelayId, Tried>();
  /** Of relays that were listed before, and of those that are. */
  readonly #results: Map<RelayId, readonly Measurement[]>;
  /** Listed at the start, and not tried yet; while there are some, nothing is said of anybody. */
  #unlooked: Set<RelayId> | undefined;
  /** Answering then, and not measured yet; while there are some, no results are told: the first few would draw all traffic. */
  #unmeasured: Set<RelayId> | undefined;
  readonly #counts = { looks: { answered: 0, failed: 0 }, transfers: { done: 0, failed: 0 } };
  readonly #unsubscribe: Cancel;

  /** Begins at once. */
  constructor(init: MeasurerInit) {
    const { dialer, tokens, clock, directory, known } = init;
    this.#init = init;
    this.#results = new Map([...(known?.relays ?? [])].map(([id, { results }]) => [id, results]));
    this.#links = new GuardLinks({ dialer, tokens, deps: init, padding: "normal", opened: () => undefined });
    this.#looks = new Turns({ most: LOOKS_AT_A_TIME, act: (id) => this.#look(id), clock });
    this.#transfers = new Turns({ most: 1, act: (id) => this.#transfer(id), clock });
    this.#unsubscribe = directory.subscribe((consensus) => {
      this.#update(consensus);
    });
    if (directory.current !== undefined) this.#update(directory.current);
  }

  /** Undefined until all that were listed at the start have been tried: what is not in it counts as not answering. */
  get measurements(): Measurements | undefined {
    if (this.#unlooked === undefined || this.#unlooked.size > 0) return undefined;
    const now = this.#init.clock.now();
    const tellsResults = this.#unmeasured?.size === 0;
    const tried = [...this.#relays.values()].flatMap(({ id, answers, results }) =>
      answers === undefined
        ? []
        : [[id, { answers, results: tellsResults ? recentResults(results, now) : [] }] as const],
    );
    return { writtenAt: now, relays: new Map(tried) };
  }

  get stats(): MeasurerStats {
    const now = this.#init.clock.now();
    const relays = [...this.#relays.values()];
    const count = (is: (tried: Tried) => boolean): number => relays.filter(is).length;
    return {
      answering: count(({ answers }) => answers === true),
      silent: count(({ answers }) => answers === false),
      untried: count(({ answers }) => answers === undefined),
      measured: count(({ results }) => recentResults(results, now).length > 0),
      looks: { ...this.#counts.looks },
      transfers: { ...this.#counts.transfers },
    };
  }

  close(): void {
    this.#unsubscribe();
    this.#looks.close();
    this.#transfers.close();
    this.#links.close();
  }

  #update({ relays }: Consensus): void {
    const listed = new Map(relays.map((entry) => [entry.descriptor.identity, entry]));
    for (const [id, { flags }] of listed) if (!flags.has("Valid")) listed.delete(id);
    for (const id of this.#relays.keys()) if (!listed.has(id)) this.#relays.delete(id);
    for (const [id, entry] of listed) this.#list(id, entry);
    for (const [id, results] of this.#results)
      if (!listed.has(id) && recentResults(results, this.#init.clock.now()).length === 0)
        this.#results.delete(id);
    this.#unlooked ??= new Set(listed.keys());
    this.#settle();
    this.#looks.keep(new Set(listed.keys()));
  }

  #list(id: RelayId, entry: RelayEntry): void {
    const tried = this.#relays.get(id);
    if (tried !== undefined) {
      tried.entry = entry;
      return;
    }
    const results = this.#results.get(id) ?? [];
    const fresh = { answers: undefined, isReached: false, failures: 0, beside: new Set<RelayId>() };
    const carried = Math.max(0, ...results.map(({ rate }) => rate));
    this.#relays.set(id, { id, entry, ...fresh, results, carried });
  }

  /** Whose turn has come to be measured, and what may be told. */
  #settle(): void {
    const answering = new Set(this.#answering().map(({ id }) => id));
    keepOnly(this.#unlooked, (id) => {
      const tried = this.#relays.get(id);
      return tried !== undefined && tried.answers === undefined;
    });
    keepOnly(this.#unmeasured, (id) => answering.has(id));
    if (this.#unlooked?.size !== 0) return;
    this.#unmeasured ??= new Set(
      this.#answering().flatMap(({ id, results }) => (results.length === 0 ? [id] : [])),
    );
    this.#transfers.keep(answering);
    this.#init.changed();
  }

  #answering(): readonly Tried[] {
    return [...this.#relays.values()].filter(({ answers }) => answers === true);
  }

  async #look(id: RelayId): Promise<number> {
    const { random } = this.#init;
    const tried = this.#relays.get(id);
    if (tried === undefined) return LOOK_INTERVAL_MS;
    const way = this.#wayThrough(tried);
    const outcome = await this.#echo(way, LOOK);
    this.#counts.looks[outcome.ok ? "answered" : "failed"] += 1;
    if (outcome.ok) this.#works(tried);
    else this.#fails(tried, way, outcome);
    const isCertain = outcome.ok || tried.answers === false;
    return isCertain ? LOOK_INTERVAL_MS * (0.5 + randomFraction(random)) : RETRY_MS;
  }

  #works(tried: Tried): void {
    tried.isReached = true;
    tried.failures = 0;
    tried.beside.clear();
    if (tried.answers === true) return;
    tried.answers = true;
    this.#init.log.info("a relay answers", { relay: shortId(tried.id) });
    this.#settle();
  }

  #fails(tried: Tried, way: Way, failed: Failed): void {
    const { other, isItsOwn } = blameOf(way, failed);
    if (other !== undefined) this.#looks.hurry(other);
    if (isItsOwn) this.#failed(tried, other, failed);
  }

  #failed(tried: Tried, other: RelayId | undefined, { hop, error }: Failed): void {
    const { log } = this.#init;
    if (other !== undefined) tried.beside.add(other);
    tried.failures += 1;
    log.debug("a relay failed", {
      relay: shortId(tried.id),
      hop,
      code: error.code,
      failures: tried.failures,
    });
    if (tried.failures < MAX_FAILURES || tried.answers === false) return;
    tried.answers = false;
    log.info("a relay does not answer", { relay: shortId(tried.id), reason: error.message });
    this.#settle();
  }

  async #transfer(id: RelayId): Promise<number> {
    const tried = this.#relays.get(id);
    if (tried !== undefined) await this.#measure(tried);
    this.#unmeasured?.delete(id);
    this.#settle();
    const isFew = (tried?.results.length ?? 0) < MAX_MEASUREMENTS;
    const interval = isFew ? FIRST_TRANSFERS_INTERVAL_MS : TRANSFER_INTERVAL_MS;
    return interval * (0.5 + randomFraction(this.#init.random));
  }

  async #measure(tried: Tried): Promise<void> {
    const { clock, log } = this.#init;
    const way = this.#betweenOthers(tried, fasterHalf);
    if (way === undefined) return;
    const outcome = await this.#echo(way, TRANSFER);
    this.#counts.transfers[outcome.ok ? "done" : "failed"] += 1;
    if (!outcome.ok) {
      this.#looks.hurry(tried.id);
      return;
    }
    const rate = rateOf(outcome);
    this.#carried(way, rate);
    tried.results = [...tried.results, { rate, at: clock.now() }].slice(-MAX_MEASUREMENTS);
    this.#results.set(tried.id, tried.results);
    log.info("a relay was measured", { relay: shortId(tried.id), rate });
  }

  #carried({ path }: Way, rate: number): void {
    for (const { descriptor } of path) {
      const tried = this.#relays.get(descriptor.identity);
      if (tried !== undefined) tried.carried = Math.max(tried.carried, rate);
    }
  }

  #wayThrough(tried: Tried): Way {
    const alone = { path: [tried.entry], subject: 0 };
    if (!tried.isReached) return alone;
    const notBeside = (others: readonly Tried[]) => others.filter(({ id }) => !tried.beside.has(id));
    return this.#betweenOthers(tried, notBeside) ?? alone;
  }

  /** Between two that answer, drawn as clients draw them. @param prefer which of them, if two of these go together. */
  #betweenOthers(tried: Tried, prefer: (others: readonly Tried[]) => readonly Tried[]): Way | undefined {
    const others = this.#answering().filter(
      ({ id, entry }) => id !== tried.id && mayBeNeighbours(entry, tried.entry),
    );
    const ends = this.#two(prefer(others)) ?? this.#two(others);
    return ends && { path: [ends[0], tried.entry, ends[1]], subject: 1 };
  }

  #two(some: readonly Tried[]): readonly [RelayEntry, RelayEntry] | undefined {
    const { random } = this.#init;
    const entries = some.map(({ entry }) => entry);
    const list = new WeightedList(entries, ({ weight }) => weight);
    const first = list.drawFitting(random, (one) => entries.some((other) => mayShareCircuit(one, other)));
    const second = first && list.drawFitting(random, (other) => mayShareCircuit(first, other));
    return first && second && [first, second];
  }

  /** Never throws. */
  async #echo({ path, subject }: Way, amount: typeof LOOK): Promise<EchoOutcome> {
    const [first] = path;
    try {
      if (first === undefined) throw new Error("a path has hops");
      const link = await this.#links.get(first);
      const outcome = await echoOver({ link, path, ...amount, deps: this.#init });
      // One that failed may be dead, and nobody's guard is it that is asked alone.
      if (subject === 0 || (!outcome.ok && outcome.hop === 0)) this.#links.leave(link);
      return outcome;
    } catch (thrown) {
      return { ok: false, hop: 0, error: toTaborError(thrown, "link", "linking to a relay") };
    }
  }
}

type Failed = Extract<EchoOutcome, { ok: false }>;

/** Whether it counts against the relay that was tried, and whose fault it may be besides. */
function blameOf(
  { path, subject }: Way,
  { hop, error }: Failed,
): { readonly other: RelayId | undefined; readonly isItsOwn: boolean } {
  const isOurs = error.where === "here" || error.where === "directory";
  // Until the one before has passed something on to it, nothing is known of the relay.
  const isOfFirst = subject > 0 && (hop < subject || error.where === "link");
  const other = path[isOfFirst || hop === subject ? subject - 1 : subject + 1];
  return { other: other?.descriptor.identity, isItsOwn: !isOurs && !isOfFirst };
}

function keepOnly<T>(set: Set<T> | undefined, isKept: (item: T) => boolean): void {
  for (const item of set ?? []) if (!isKept(item)) set?.delete(item);
}

/** By what they were seen to carry: a relay is measured for no more than those beside it pass on. */
function fasterHalf(some: readonly Tried[]): readonly Tried[] {
  const byRate = [...some].sort((a, b) => b.carried - a.carried);
  return byRate.slice(0, Math.max(LEAST_HELPERS, Math.ceil(some.length / 2)));
}

/** KiB/s in each direction: what is sent back passes the relay twice. */
function rateOf({ bytes, ms }: { readonly bytes: number; readonly ms: number }): number {
  const rate = Math.round((2 * bytes) / KIBIBYTE / (ms / 1000));
  return Math.min(Math.max(rate, 1), MAX_RATE);
}
