import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CircuitId } from "../cell/cell.ts";
import { EWMA_PARAMETERS, EwmaQueue } from "./ewma-queue.ts";

const { halfLife, lead } = EWMA_PARAMETERS;

function id(number: number): CircuitId {
  return number as CircuitId;
}

function add(queue: EwmaQueue, circuit: number, number: number): void {
  queue.add(id(circuit), Uint8Array.of(circuit, number >> 16, number >> 8, number));
}

function circuitOf(cell: Uint8Array): number {
  return cell[0] ?? 0;
}

function numberOf(cell: Uint8Array): number {
  return ((cell[1] ?? 0) << 16) | ((cell[2] ?? 0) << 8) | (cell[3] ?? 0);
}

/** Keeps so many cells of each bulk circuit waiting. */
function fill(queue: EwmaQueue, circuits: readonly number[], upTo = 16): void {
  for (const circuit of circuits) while (queue.length(id(circuit)) < upTo) add(queue, circuit, 0);
}

function count(cells: readonly Uint8Array[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const cell of cells) counts.set(circuitOf(cell), (counts.get(circuitOf(cell)) ?? 0) + 1);
  return counts;
}

const BULK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const INTERACTIVE = 99;

const circuit = fc.integer({ min: 1, max: 6 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("add" as const), circuit, cells: fc.nat(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      count: fc.integer({ min: 1, max: 8 }),
      millis: fc.oneof(fc.nat(50), fc.nat(60 * halfLife)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("drop" as const, "last" as const), circuit }) },
);

describe("the queue of a link", () => {
  it("keeps each circuit's cells in order, loses and repeats none, and counts them (a model of plain arrays)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new EwmaQueue();
        const model = new Map<number, number[]>();
        let [next, now] = [0, 5];
        const waiting = (): number => [...model.values()].reduce((sum, { length }) => sum + length, 0);
        const enqueue = (to: number): void => {
          model.set(to, [...(model.get(to) ?? []), next]);
          next += 1;
        };
        for (const one of steps) {
          switch (one.do) {
            case "add":
              for (let i = 0; i < one.cells; i++) {
                add(queue, one.circuit, next);
                enqueue(one.circuit);
              }
              break;
            case "drop":
              queue.drop(id(one.circuit));
              model.delete(one.circuit);
              break;
            case "last":
              queue.addLast(id(one.circuit), Uint8Array.of(one.circuit, next >> 16, next >> 8, next));
              model.delete(one.circuit);
              enqueue(one.circuit);
              break;
            case "take": {
              now += one.millis;
              const expected = Math.min(one.count, waiting());
              const taken = queue.take(one.count, now);
              expect(taken).toHaveLength(expected);
              for (const each of taken) expect(numberOf(each)).toBe(model.get(circuitOf(each))?.shift());
            }
          }
          expect(queue.size).toBe(waiting());
          expect(queue.isEmpty).toBe(waiting() === 0);
          expect(queue.circuits).toBe([...model.values()].filter(({ length }) => length > 0).length);
          for (const [each, { length }] of model) expect(queue.length(id(each))).toBe(length);
          const most = Math.max(0, ...[...model.values()].map(({ length }) => length));
          expect(queue.length(queue.longest)).toBe(most);
        }
      }),
    );
  });

  it("gives circuits that always have cells the same share, to the cell, however many and however slowly the link takes them", () => {
    const millis = fc.oneof(fc.constant(0), fc.nat(100));
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        millis,
        (circuits, batch, pause) => {
          const queue = new EwmaQueue();
          const all = Array.from({ length: circuits }, (_, i) => i + 1);
          const taken: Uint8Array[] = [];
          for (let i = 0; i < 200; i++) {
            fill(queue, all);
            taken.push(...queue.take(batch, i * pause));
          }
          const counts = all.map((each) => count(taken).get(each) ?? 0);
          // 200 batches are at most 20 s: what was sent at the end weighs up to 1.6 times what was sent first.
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  it("an interactive circuit beside ten bulk ones is always next", () => {
    const cells = fc.integer({ min: 1, max: 16 });
    const turns = fc.array(fc.tuple(cells, fc.integer({ min: 20, max: 200 }), fc.nat(2000)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(turns, (all) => {
        const queue = new EwmaQueue();
        let now = 0;
        for (const [wanted, batches, millis] of all) {
          for (let i = 0; i < batches; i++) {
            fill(queue, BULK);
            queue.take(8, (now += millis / batches));
          }
          // Less than its share of the link, which is an eleventh.
          const few = Math.min(wanted, Math.floor((8 * batches) / 12));
          for (let i = 0; i < few; i++) add(queue, INTERACTIVE, i);
          expect(queue.take(few, now).map(circuitOf)).toEqual(Array.from({ length: few }, () => INTERACTIVE));
        }
      }),
    );
  });

  it("a newcomer is ahead by its first window, and no more: a bulk circuit never waits longer for it", () => {
    const queue = new EwmaQueue();
    for (let now = 0; now < 60_000; now += 10) {
      fill(queue, [1]);
      queue.take(8, now);
    }
    for (let i = 0; i < 4 * lead; i++) add(queue, 2, i);
    fill(queue, [1], 4 * lead);
    const first = queue.take(2 * lead, 60_000).map(circuitOf);
    expect(first.slice(0, lead)).toEqual(Array.from({ length: lead }, () => 2));
    expect(first.slice(lead).filter((each) => each === 1).length).toBeGreaterThanOrEqual(lead / 2 - 1);
  });

  it("who comes and goes gets no more than who stays", () => {
    const queue = new EwmaQueue();
    const taken: Uint8Array[] = [];
    for (let now = 0; now < 5000; now++) {
      fill(queue, [1]);
      if (now % 2 === 0) fill(queue, [2], 4);
      taken.push(...queue.take(4, now));
    }
    const [one = 0, two = 0] = [1, 2].map((each) => count(taken).get(each));
    expect(two - one).toBeLessThanOrEqual(lead + 8);
  });

  it("what was sent counts half after each half-life", () => {
    const queue = new EwmaQueue({ halfLife: 1000, lead: Infinity });
    fill(queue, [1], 100);
    queue.take(100, 0);
    fill(queue, [1, 2], 100);
    // 100 cells of two half-lives ago weigh as 25 of now.
    expect(queue.take(50, 2000).filter((cell) => circuitOf(cell) === 1).length).toBeCloseTo(13, -0.5);
  });

  it("years go by: counts stay in their range, and the order stays right", () => {
    const queue = new EwmaQueue();
    let now = 0;
    for (let i = 0; i < 2000; i++) {
      fill(queue, [1, 2], 8);
      expect(Math.abs((count(queue.take(8, (now += i * halfLife))).get(1) ?? 0) - 4)).toBeLessThanOrEqual(1);
    }
  });

  it("a clock that stands still or goes back breaks nothing", () => {
    const queue = new EwmaQueue();
    for (const now of [1000, 1000, 0, -5, 1000]) {
      fill(queue, [1, 2]);
      expect(count(queue.take(8, now)).get(1)).toBe(4);
    }
  });

  it("keeps nothing of circuits that were dropped, nor of those that have sent their last cell", () => {
    const queue = new EwmaQueue();
    for (let i = 1; i <= 250; i++) {
      add(queue, i, 0);
      if (i % 2 === 0) queue.drop(id(i));
      else queue.addLast(id(i), Uint8Array.of(i, 0, 0, 1));
    }
    expect([queue.known, queue.size]).toEqual([125, 125]);
    expect(queue.take(1000, 0).map(numberOf)).toEqual(Array.from({ length: 125 }, () => 1));
    expect([queue.known, queue.size, queue.circuits, queue.longest]).toEqual([0, 0, 0, 0]);
  });

  it("forgets circuits that have been idle for long, also if nobody says that they have ended", () => {
    const queue = new EwmaQueue();
    fill(queue, BULK);
    queue.take(1000, 0);
    expect(queue.known).toBe(BULK.length);
    queue.take(1, 100 * halfLife);
    expect(queue.known).toBe(0);
  });
});
