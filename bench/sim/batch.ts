/** One process: simulates a batch of clients that its parent sends, and sends the result back. */
import { simulate, type SimOptions } from "./simulate.ts";

process.once("message", (options: SimOptions) => {
  process.send?.(simulate(options), () => process.disconnect());
});
