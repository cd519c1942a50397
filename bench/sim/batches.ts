import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Load } from "./load.ts";
import type { SimOptions, SimResult } from "./simulate.ts";

/** Fixed, so that a figure is the same however many processors there are; each batch makes the relays' month anew. */
const BATCH_CLIENTS = 5000;
const PROGRAM = fileURLToPath(new URL("batch.ts", import.meta.url));

/** Simulates all clients, in batches side by side on all processors. */
export class BatchRunner {
  readonly #waiting: (() => void)[] = [];
  #free = availableParallelism();

  async simulate(name: string, options: Omit<SimOptions, "batch">): Promise<SimResult> {
    const sizes = batchSizes(options.clients);
    const results = sizes.map(async (clients, batch) => {
      const result = await this.#inTurn(() => inOwnProcess({ ...options, clients, batch }));
      console.log(`sim: ${name}, batch ${batch + 1} of ${sizes.length}`);
      return result;
    });
    return merged(await Promise.all(results));
  }

  async #inTurn(run: () => Promise<SimResult>): Promise<SimResult> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/** How many clients each batch has. */
export function batchSizes(clients: number): readonly number[] {
  const count = Math.ceil(clients / BATCH_CLIENTS);
  return Array.from({ length: count }, (_, i) => Math.min(BATCH_CLIENTS, clients - i * BATCH_CLIENTS));
}

/** The result of all batches as if they were one. */
export function merged(results: readonly SimResult[]): SimResult {
  const [first] = results;
  if (first === undefined) throw new Error("no batches");
  const loads = { guard: new Load(), middle: new Load(), exit: new Load() };
  for (const result of results) {
    loads.guard.add(result.loads.guard);
    loads.middle.add(result.loads.middle);
    loads.exit.add(result.loads.exit);
  }
  return {
    clients: results.flatMap(({ clients }) => clients),
    circuitEnds: Float32Array.from(results.flatMap(({ circuitEnds }) => [...circuitEnds])),
    failures: results.reduce((sum, { failures }) => sum + failures, 0),
    loads: { guard: loads.guard.record, middle: loads.middle.record, exit: loads.exit.record },
    // The relays are the same for all.
    daily: first.daily,
  };
}

function inOwnProcess(options: SimOptions): Promise<SimResult> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, { execArgv: ["--import", "tsx"], serialization: "advanced" });
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code !== 0) reject(new Error(`a batch ended with ${code ?? "a signal"}`));
    });
    child.send(options);
  });
}
