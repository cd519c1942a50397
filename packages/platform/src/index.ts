/** The real clock and randomness, for `main.ts` files: what browsers and Node have in common. */
export { systemClock } from "./clock.ts";
export { systemRandom } from "./random.ts";
