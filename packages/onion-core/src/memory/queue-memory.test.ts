import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueueMemory } from "./queue-memory.ts";
import { CELL_LENGTH, type CircuitId } from "../cell/cell.ts";
import { InOrder } from "../crypto/in-order.ts";
import { EWMA_PARAMETERS, EwmaQueue } from "../link/ewma-queue.ts";

const cell = new Uint8Array(CELL_LENGTH);

describe("the memory of a relay's queues", () => {
  it("is made room in once it is above its bound, until it is no longer scarce", () => {
    const memory = new QueueMemory(1000);
    const rooms: number[] = [];
    memory.onExceeded(() => {
      rooms.push(memory.bytes);
      // What is ended says goodbye, which takes room again.
      memory.add(20);
      memory.check();
      while (memory.isScarce) memory.subtract(50);
    });
    memory.add(1000);
    memory.check();
    expect(rooms).toEqual([]);
    memory.add(1);
    memory.check();
    expect(rooms).toEqual([1001]);
    expect(memory.bytes).toBeLessThanOrEqual(900);
    memory.add(1001 - memory.bytes);
    memory.check();
    expect(rooms).toEqual([1001, 1001]);
  });

  it("knows what came first, of things that came some cells apart", () => {
    const memory = new QueueMemory(Infinity);
    const since = Array.from({ length: 1000 }, () => memory.add(CELL_LENGTH));
    expect([...since].sort((a, b) => a - b)).toEqual(since);
    for (let i = 32; i < since.length; i++) expect(since[i]).toBeGreaterThan(since[i - 32] ?? 0);
  });

  it("holds as many cells as a link's queue does, whatever becomes of them", () => {
    const id = fc.integer({ min: 1, max: 5 }).map((number) => number as CircuitId);
    const step = fc.oneof(
      fc.record({ do: fc.constant("add" as const), id }),
      fc.record({ do: fc.constant("addLast" as const), id }),
      fc.record({ do: fc.constant("drop" as const), id }),
      fc.record({ do: fc.constant("take" as const), count: fc.integer({ min: 1, max: 8 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const memory = new QueueMemory(Infinity);
        const queue = new EwmaQueue(EWMA_PARAMETERS, memory);
        for (const one of steps) {
          if (one.do === "add") queue.add(one.id, cell);
          else if (one.do === "addLast") queue.addLast(one.id, cell);
          else if (one.do === "drop") queue.drop(one.id);
          else queue.take(one.count, 0);
          expect(memory.bytes).toBe(queue.size * CELL_LENGTH);
          for (let number = 1; number <= 5; number++) {
            const circuit = number as CircuitId;
            expect(queue.oldest(circuit) === Infinity).toBe(queue.length(circuit) === 0);
          }
        }
        queue.clear();
        expect(memory.bytes).toBe(0);
      }),
    );
  });

  it("holds what waits for a cipher, until it has come, failed or been forgotten", async () => {
    const steps = fc.array(fc.constantFrom("push", "done", "fail", "clear"), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const memory = new QueueMemory(Infinity);
        const order = new InOrder<number>(
          () => undefined,
          () => undefined,
          memory,
        );
        const open: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
        for (const one of script) {
          if (one === "push") order.push(new Promise((resolve, reject) => open.push({ resolve, reject })));
          if (one === "done") open.shift()?.resolve(1);
          if (one === "fail") open.pop()?.reject(new Error("refused"));
          if (one === "clear") order.clear();
          await Promise.resolve();
          await Promise.resolve();
          await Promise.resolve();
          expect(memory.bytes).toBe(order.pending * CELL_LENGTH);
          expect(order.oldest === Infinity).toBe(order.pending === 0);
        }
        order.clear();
        expect(memory.bytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
