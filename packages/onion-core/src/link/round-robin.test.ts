import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RoundRobin } from "./round-robin.ts";
import type { CircuitId } from "../cell/cell.ts";

function add(queue: RoundRobin, circuit: number, number: number): void {
  queue.add(circuit as CircuitId, Uint8Array.of(circuit, number >> 8, number));
}

function circuitOf(cell: Uint8Array): number {
  return cell[0] ?? 0;
}

function numberOf(cell: Uint8Array): number {
  return ((cell[1] ?? 0) << 8) | (cell[2] ?? 0);
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("add" as const), circuit: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("take" as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("drop" as const), circuit: fc.integer({ min: 1, max: 5 }) }),
  },
);

describe("the round robin of a link", () => {
  it("keeps each circuit's cells in order, loses and repeats none, and counts them (a model of plain arrays)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new RoundRobin();
        const model = new Map<number, number[]>();
        let next = 0;
        const waiting = (): number => [...model.values()].reduce((sum, { length }) => sum + length, 0);
        for (const one of steps) {
          if (one.do === "add") {
            add(queue, one.circuit, next);
            model.set(one.circuit, [...(model.get(one.circuit) ?? []), next]);
            next += 1;
          } else if (one.do === "drop") {
            queue.drop(one.circuit as CircuitId);
            model.delete(one.circuit);
          } else {
            const expected = Math.min(one.count, waiting());
            const taken = queue.take(one.count);
            expect(taken).toHaveLength(expected);
            for (const each of taken) expect(numberOf(each)).toBe(model.get(circuitOf(each))?.shift());
          }
          expect(queue.size).toBe(waiting());
          expect(queue.isEmpty).toBe(waiting() === 0);
          for (let id = 1; id <= 5; id++)
            expect(queue.length(id as CircuitId)).toBe(model.get(id)?.length ?? 0);
          const most = Math.max(0, ...[...model.values()].map(({ length }) => length));
          expect(queue.length(queue.longest)).toBe(most);
        }
      }),
    );
  });

  it("gives a circuit with one cell its turn at once, however many cells another has", () => {
    const queue = new RoundRobin();
    for (let i = 0; i < 1000; i++) add(queue, 1, i);
    queue.take(8);
    add(queue, 2, 0);
    expect(queue.take(2).map(circuitOf)).toEqual([1, 2]);
  });

  it("gives all circuits the same share", () => {
    const queue = new RoundRobin();
    for (let i = 0; i < 200; i++) for (const circuit of [1, 2, 3]) add(queue, circuit, i);
    const counts = new Map<number, number>();
    for (let i = 0; i < 30; i++)
      for (const id of queue.take(8).map(circuitOf)) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts.values()]).toEqual([80, 80, 80]);
  });
});
