import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InOrder } from "./in-order.ts";

function collect() {
  const delivered: number[] = [];
  const failed: unknown[] = [];
  const order = new InOrder<number>(
    (value) => {
      if (value < 0) throw new Error("refused");
      delivered.push(value);
    },
    (thrown) => failed.push(thrown),
  );
  return { order, delivered, failed };
}

/** A promise that is settled by hand. */
function later() {
  let resolve: (value: number) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<number>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("results in order", () => {
  it("are delivered as they were pushed, whatever the order in which they complete", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 40 }).chain((immediate) =>
          fc.record({
            immediate: fc.constant(immediate),
            finish: fc.shuffledSubarray(
              immediate.flatMap((now, i) => (now ? [] : [i])),
              { minLength: immediate.filter((now) => !now).length },
            ),
          }),
        ),
        async ({ immediate, finish }) => {
          const { order, delivered, failed } = collect();
          const waits = immediate.map(() => later());
          immediate.forEach((now, i) => {
            order.push(now ? i : (waits[i] as (typeof waits)[0]).promise);
          });
          for (const i of finish) {
            waits[i]?.resolve(i);
            await Promise.resolve();
          }
          await turn();
          expect(delivered).toEqual(immediate.map((_, i) => i));
          expect(failed).toEqual([]);
          expect(order.pending).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("that are immediate are delivered at once when nothing waits", () => {
    const { order, delivered } = collect();
    order.push(1);
    expect(delivered).toEqual([1]);
  });

  it("count what is under way", () => {
    const { order } = collect();
    order.push(later().promise);
    order.push(2);
    expect(order.pending).toBe(2);
  });

  it("that fail are told once, and nothing behind them is delivered", async () => {
    const { order, delivered, failed } = collect();
    const [a, b, c] = [later(), later(), later()];
    for (const { promise } of [a, b, c]) order.push(promise);
    c.resolve(3);
    b.reject(new Error("broken"));
    await turn();
    expect(failed).toHaveLength(1);
    a.resolve(1);
    await turn();
    expect(delivered).toEqual([]);
    expect(failed).toHaveLength(1);
  });

  it("that the receiver refuses are told once, and nothing behind them is delivered", async () => {
    const { order, delivered, failed } = collect();
    const wait = later();
    order.push(wait.promise);
    order.push(-1);
    order.push(5);
    wait.resolve(1);
    await turn();
    expect(delivered).toEqual([1]);
    expect(failed).toHaveLength(1);
    expect(order.pending).toBe(0);
  });

  it("are forgotten after clear, failures too", async () => {
    const { order, delivered, failed } = collect();
    const [a, b] = [later(), later()];
    order.push(a.promise);
    order.push(b.promise);
    order.clear();
    a.resolve(1);
    b.reject(new Error("late"));
    await turn();
    order.push(7);
    expect(delivered).toEqual([7]);
    expect(failed).toEqual([]);
  });

  it("pushed by the receiver itself come after what waits", async () => {
    const seen: number[] = [];
    const order: InOrder<number> = new InOrder<number>(
      (value) => {
        seen.push(value);
        if (value === 1) order.push(9);
      },
      () => undefined,
    );
    const wait = later();
    order.push(wait.promise);
    order.push(2);
    wait.resolve(1);
    await turn();
    expect(seen).toEqual([1, 2, 9]);
  });
});
