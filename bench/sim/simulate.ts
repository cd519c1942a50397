import { SimClient } from "./client.ts";
import { Load, type LoadRecord, POSITIONS, shares } from "./load.ts";
import { SimNetwork, type Population } from "./network.ts";
import { SimClock } from "./sim-clock.ts";
import type { RelayId } from "../../packages/onion-core/src/crypto/ids.ts";
import type { Consensus, RelayEntry } from "../../packages/onion-core/src/directory/consensus.ts";
import type { Position } from "../../packages/onion-core/src/directory/position-weight.ts";
import { randomBelow } from "../../packages/onion-core/src/ports/random.ts";
import { SeededRandom } from "../../packages/onion-core/src/testing/seeded-random.ts";

/** A circuit takes new streams for ten minutes; the directory is as old as that too, which is older than it ever is. */
const STEP_MS = 600_000;
const STEPS_PER_DAY = 144;
/** An hour a day in one sitting. */
export const CIRCUITS_PER_DAY = 6;
/** How often the load that weights let expect is worked out. */
const STEPS_PER_SHARES = 6;
const EPOCH = Date.UTC(2027, 0, 1);

export interface SimOptions {
  readonly population: Population;
  readonly clients: number;
  readonly days: number;
  readonly seed: number;
  /** Which part of all clients: in each batch other people meet the same relays. */
  readonly batch: number;
  /** Three circuits are built for each that is used; of this share of the relays, those that are bad, exits always answer first. */
  readonly quickBadShare?: number;
}

/** The least share of bad relays at which something has happened to a client: 1 if it never has. */
export interface ClientOutcome {
  guard: number;
  /** Guard and exit of one circuit. */
  ends: number;
  whole: number;
  readonly guards: number;
}

/** Plain data: it travels between processes. */
export interface SimResult {
  readonly clients: readonly ClientOutcome[];
  /** For each circuit that was used, the least share at which its ends are bad. */
  readonly circuitEnds: Float32Array;
  readonly failures: number;
  readonly loads: Readonly<Record<Position, LoadRecord>>;
  readonly daily: readonly DailyShares[];
}

/** Of each relay that could be chosen for a position on one day: its badness, and its share of the position's weight. */
export interface DailyShares {
  readonly position: Position;
  readonly parts: readonly (readonly [badness: number, part: number])[];
}

interface Person {
  readonly client: SimClient;
  readonly outcome: { guard: number; ends: number; whole: number };
  start: number;
}

/** The circuits of a batch of clients for some days. Reproducible: its generators follow from the seed and the batch. */
export function simulate(options: SimOptions): SimResult {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimOptions;
  /** Of the clients of this batch; the network has its own, the same for all batches. */
  readonly #random: SeededRandom;
  readonly #clock = new SimClock(EPOCH);
  readonly #network: SimNetwork;
  readonly #people: readonly Person[];
  readonly #ends: number[] = [];
  readonly #loads = { guard: new Load(), middle: new Load(), exit: new Load() };
  readonly #daily: DailyShares[] = [];
  /** Of this hour: what each position's weights let expect, and how many circuits were built. */
  #shares: readonly ReadonlyMap<RelayId, number>[] = [];
  #built = 0;
  #failures = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#network = new SimNetwork(options.population, new SeededRandom(options.seed), EPOCH);
    this.#random = new SeededRandom(options.seed + 1 + options.batch);
    const world = { clock: this.#clock, random: this.#random.fork(), network: this.#network };
    this.#people = Array.from({ length: options.clients }, () => ({
      client: new SimClient(world),
      outcome: { guard: 1, ends: 1, whole: 1 },
      start: 0,
    }));
  }

  run(): SimResult {
    for (let day = 0; day < this.#options.days; day++) {
      for (const person of this.#people)
        person.start = randomBelow(this.#random, STEPS_PER_DAY - CIRCUITS_PER_DAY + 1);
      for (let step = 0; step < STEPS_PER_DAY; step++) this.#step(day, step);
    }
    return {
      clients: this.#people.map(({ client, outcome }) => ({ ...outcome, guards: client.guards.size })),
      circuitEnds: Float32Array.from(this.#ends),
      failures: this.#failures,
      loads: {
        guard: this.#loads.guard.record,
        middle: this.#loads.middle.record,
        exit: this.#loads.exit.record,
      },
      daily: this.#daily,
    };
  }

  #step(day: number, step: number): void {
    const now = (day * STEPS_PER_DAY + step) * STEP_MS;
    this.#clock.advanceTo(now);
    const consensus = this.#network.listing(now);
    if (step === 0) this.#noteBadness(consensus);
    const active = this.#people.filter(({ start }) => step >= start && step < start + CIRCUITS_PER_DAY);
    const built = active.filter((person, i) => {
      this.#clock.advanceTo(now + Math.floor((i / active.length) * STEP_MS));
      return this.#act(person, step, consensus);
    });
    if (step % STEPS_PER_SHARES === 0)
      this.#shares = POSITIONS.map((position) => shares(consensus, position));
    this.#built += built.length;
    if (step % STEPS_PER_SHARES !== STEPS_PER_SHARES - 1) return;
    POSITIONS.forEach((position, i) => {
      this.#loads[position].expect(this.#shares[i] ?? new Map<RelayId, number>(), this.#built);
    });
    this.#built = 0;
  }

  #act(person: Person, step: number, consensus: Consensus): boolean {
    const { client, outcome, start } = person;
    if (step === start) client.start();
    const path = this.#circuit(client, consensus);
    if (path === undefined) this.#failures += 1;
    else this.#count(path, outcome);
    if (step === start + CIRCUITS_PER_DAY - 1) client.stop();
    return path !== undefined;
  }

  #circuit(client: SimClient, consensus: Consensus): readonly RelayEntry[] | undefined {
    const { quickBadShare } = this.#options;
    if (quickBadShare === undefined) return client.circuit(consensus);
    const paths = Array.from({ length: 3 }, () => client.circuit(consensus)).filter(
      (path) => path !== undefined,
    );
    const exitIsBad = (path: readonly RelayEntry[]): boolean =>
      (this.#badnessOf(path)[2] ?? 1) < quickBadShare;
    return paths.find(exitIsBad) ?? paths[0];
  }

  #count(path: readonly RelayEntry[], outcome: Person["outcome"]): void {
    const [guard = 1, middle = 1, exit = 1] = this.#badnessOf(path);
    const ends = Math.max(guard, exit);
    outcome.guard = Math.min(outcome.guard, guard);
    outcome.ends = Math.min(outcome.ends, ends);
    outcome.whole = Math.min(outcome.whole, Math.max(ends, middle));
    this.#ends.push(ends);
    path.forEach(({ descriptor }, hop) => {
      const position = POSITIONS[hop];
      if (position !== undefined) this.#loads[position].used(descriptor.identity);
    });
  }

  #badnessOf(path: readonly RelayEntry[]): readonly number[] {
    return path.map(({ descriptor }) => this.#network.byId.get(descriptor.identity)?.badness ?? 1);
  }

  #noteBadness(consensus: Consensus): void {
    for (const position of POSITIONS) {
      const parts = [...shares(consensus, position)].map(
        ([id, part]) => [this.#network.byId.get(id)?.badness ?? 1, part] as const,
      );
      this.#daily.push({ position, parts });
    }
  }
}

/** What share of a position's weight belongs to bad relays, on average over the days. */
export function badShare({ daily }: SimResult, position: Position, share: number): number {
  const days = daily.filter((day) => day.position === position);
  const sums = days.map(({ parts }) =>
    parts.reduce((sum, [badness, part]) => sum + (badness < share ? part : 0), 0),
  );
  return sums.reduce((sum, value) => sum + value, 0) / sums.length;
}
