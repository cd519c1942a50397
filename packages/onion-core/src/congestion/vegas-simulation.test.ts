import { describe, expect, test } from "vitest";
import { CongestionControl } from "./congestion-control.ts";
import { TABOR_PARAMETERS } from "./vegas-parameters.ts";

/** MB of payload per second to cells per second, of about 2000 bytes each. */
const CELLS_PER_MB = 500;

/** A relay on the way: a queue that is served at a steady rate, but for pauses in which its processor does other things. */
interface Hop {
  readonly cellsPerSecond: number;
  readonly pauses?: { readonly everyMs: number; readonly forMs: number; readonly atMs: number };
}

/** All cells go through all hops in order; half of the round trip lies before the queues, half on the way back. */
interface Path {
  readonly hops: readonly Hop[];
  readonly roundTripMs: number;
  /** When each circuit starts to send all it can. */
  readonly startsMs: readonly number[];
  /** What is measured lies between these. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Microseconds at which a hop is done with each cell. */
class Queue {
  readonly #hop: Hop;
  #free = 0;

  constructor(hop: Hop) {
    this.#hop = hop;
  }

  /** Cells that wait at a time. */
  length(now: number): number {
    return (Math.max(0, this.#free - now) * this.#hop.cellsPerSecond) / 1e6;
  }

  pass(now: number): number {
    this.#free = this.awake(Math.max(now, this.#free)) + 1e6 / this.#hop.cellsPerSecond;
    return this.#free;
  }

  /** When it does something that comes now: at once, or when the pause is over. */
  awake(now: number): number {
    const { pauses } = this.#hop;
    if (pauses === undefined) return now;
    const phase = (now + 1000 * pauses.atMs) % (1000 * pauses.everyMs);
    return phase < 1000 * pauses.forMs ? now + 1000 * pauses.forMs - phase : now;
  }
}

interface Circuit {
  readonly control: CongestionControl;
  readonly sendmes: number[];
  delivered: number;
}

/** Virtual time goes from event to event: a circuit starts, or a SENDME comes back. */
function simulate(path: Path): {
  readonly shares: number[];
  readonly queue: number;
  readonly queueBefore: number;
} {
  const queues = path.hops.map((hop) => new Queue(hop));
  const circuits = path.startsMs.map((): Circuit => {
    return { control: new CongestionControl(TABOR_PARAMETERS), sendmes: [], delivered: 0 };
  });
  const [from, until, half] = [1000 * path.fromMs, 1000 * path.untilMs, 500 * path.roundTripMs];
  let [queue, queueBefore] = [0, 0];

  const send = (circuit: Circuit, now: number): void => {
    while (circuit.control.canSend()) {
      const due = circuit.control.cellSent(now);
      let time = now + half;
      for (const each of queues) {
        if (now >= from) queue = Math.max(queue, each.length(time));
        else queueBefore = Math.max(queueBefore, each.length(time));
        time = each.pass(time);
      }
      if (time >= from && time < until) circuit.delivered += 1;
      if (due) circuit.sendmes.push(queues.reduceRight((back, each) => each.awake(back), time + half));
    }
  };

  const started = circuits.map(() => false);
  const nextOf = (i: number): number =>
    (started[i] === true ? circuits[i]?.sendmes[0] : 1000 * (path.startsMs[i] ?? 0)) ?? Infinity;
  for (;;) {
    const next = circuits.map((_, i) => i).reduce((a, b) => (nextOf(b) < nextOf(a) ? b : a));
    const [now, circuit] = [nextOf(next), circuits[next]];
    if (circuit === undefined || now >= until) break;
    if (started[next] === true) {
      circuit.sendmes.shift();
      circuit.control.acknowledged(now, false);
    }
    started[next] = true;
    send(circuit, now);
  }
  const capacity = Math.min(...path.hops.map(capacityOf)) * ((until - from) / 1e6);
  return { shares: circuits.map(({ delivered }) => delivered / capacity), queue, queueBefore };
}

function capacityOf({ cellsPerSecond, pauses }: Hop): number {
  return pauses === undefined
    ? cellsPerSecond
    : (cellsPerSecond * (pauses.everyMs - pauses.forMs)) / pauses.everyMs;
}

/** Cells under way when nothing queues. */
function bdpOf(mb: number, roundTripMs: number): number {
  return (mb * CELLS_PER_MB * roundTripMs) / 1000;
}

/** What queues once the window has been found: SPEC §12.2. */
const QUEUE_BOUND = TABOR_PARAMETERS.delta + TABOR_PARAMETERS.sendmeInc;
/**
 * Of two: what waits when the second begins looks like a part of the path to it, so that with D in units of the bound
 * 1/D + 1/(D − 1) = 1.
 */
const QUEUE_BOUND_OF_TWO = 2.62 * QUEUE_BOUND;
/** While it is being found: half of what slow start adds per round trip, and what ends it. */
const START_BOUND = TABOR_PARAMETERS.ssCwndCap / 2 + 2 * TABOR_PARAMETERS.gamma;

describe("one circuit behind a bottleneck", () => {
  const inReach = [1, 10, 30, 100].flatMap((mb) =>
    [5, 50, 100, 300]
      .map((rtt) => ({ mb, rtt }))
      .filter(({ rtt }) => bdpOf(mb, rtt) < TABOR_PARAMETERS.cwndMax),
  );
  for (const { mb, rtt } of inReach)
    test(`${String(mb)} MB/s, ${String(rtt)} ms: takes nine tenths of it within 2 s and 20 round trips, and keeps its queue short`, () => {
      const fromMs = 2000 + 20 * rtt;
      const hop = { cellsPerSecond: mb * CELLS_PER_MB };
      const result = simulate({
        hops: [hop],
        roundTripMs: rtt,
        startsMs: [0],
        fromMs,
        untilMs: fromMs + 2000,
      });
      expect(result.shares[0]).toBeGreaterThan(0.9);
      expect(result.queue).toBeLessThan(QUEUE_BOUND);
      expect(result.queueBefore).toBeLessThan(START_BOUND);
    });
});

describe("two circuits in one queue", () => {
  for (const [mb, rtt] of [
    [1, 5],
    [1, 300],
    [10, 30],
    [10, 300],
    [100, 5],
    [100, 50],
  ] as const)
    test.each([2000, 2100, 4560])(
      `${String(mb)} MB/s, ${String(rtt)} ms, the second after %d ms: share it within 2.1:1`,
      (start) => {
        const hop = { cellsPerSecond: mb * CELLS_PER_MB };
        const queueMs = (1000 * QUEUE_BOUND_OF_TWO) / hop.cellsPerSecond;
        const fromMs = start + 5000 + 20 * (rtt + queueMs);
        const result = simulate({
          hops: [hop],
          roundTripMs: rtt,
          startsMs: [0, start],
          fromMs,
          untilMs: fromMs + 4000 + 5 * queueMs,
        });
        const [first = 0, second = 0] = result.shares;
        expect(first + second).toBeGreaterThan(0.9);
        expect(Math.max(first, second)).toBeLessThan(2.1 * Math.min(first, second));
        expect(result.queue).toBeLessThan(QUEUE_BOUND_OF_TWO);
      },
    );
});

describe("four relays that share two processors: 20 MB/s, in turns", () => {
  test.each([1, 5, 10])("of %d ms each: nine tenths all the same", (turn) => {
    const hops = [0, 0.74, 0.22, 1.22].map((phase) => {
      return { cellsPerSecond: 20_000, pauses: { everyMs: 2 * turn, forMs: turn, atMs: phase * turn } };
    });
    const result = simulate({ hops, roundTripMs: 4, startsMs: [0], fromMs: 1000, untilMs: 6000 });
    expect(result.shares[0]).toBeGreaterThan(0.9);
  });
});
