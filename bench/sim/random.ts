import { randomFraction } from "../../packages/onion-core/src/ports/random.ts";
import type { SeededRandom } from "../../packages/onion-core/src/testing/seeded-random.ts";

/** An exponentially distributed length of time. */
export function exponential(random: SeededRandom, mean: number): number {
  return -mean * Math.log(1 - randomFraction(random));
}

/** A log-normal value: half of them are below `median`; `sigma` of the logarithm. */
export function logNormal(random: SeededRandom, median: number, sigma: number): number {
  const [u, v] = [1 - randomFraction(random), randomFraction(random)];
  return median * Math.exp(sigma * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
}
