import { expect, it } from "vitest";
import { BuildTimes } from "./build-times.ts";
import type { PathPlanner, PathWish } from "./guarded-path.ts";
import { SecondLegs, type SecondLeg } from "./second-leg.ts";
import { webPrimitives } from "../crypto/web-primitives.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { TaborError } from "../errors.ts";
import { silentLog } from "../ports/log.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const circuitTo = (exit: string): readonly RelayEntry[] =>
  ["guard", "middle", exit].map((identity) => ({ descriptor: { identity } }) as unknown as RelayEntry);
const legTo = (exit: string): SecondLeg => ({ path: circuitTo(exit) }) as SecondLeg;

/** Second legs for which there is never a path, and for which exits one was asked for. */
function scene() {
  const asked: (string | undefined)[] = [];
  const planner = {
    plan: ({ joins }: PathWish) => {
      asked.push(joins?.at(-1)?.descriptor.identity);
      return Promise.reject(new TaborError("no-path", "relay", "no second guard"));
    },
  } as unknown as PathPlanner;
  const clock = new VirtualClock();
  const deps = { clock, random: new SeededRandom(1), log: silentLog, primitives: webPrimitives };
  return { asked, legs: new SecondLegs({ planner, times: new BuildTimes(), deps }) };
}

it("there is none where the network leaves none: one leg has to do", async () => {
  const { asked, legs } = scene();
  expect(await legs.build(circuitTo("exit"))).toBeUndefined();
  expect(asked).toEqual(["exit"]);
});

it("none is built to an exit that does not know of legs, and the others are asked on", async () => {
  const { asked, legs } = scene();
  legs.refused(legTo("old"), new TaborError("protocol", "relay", "unknown command"));
  legs.refused(legTo("mute"), new TaborError("timeout", "exit", "no answer"));
  legs.refused(legTo("unlucky"), new TaborError("closed", "relay", "a relay lost its link"));
  for (const exit of ["old", "mute", "unlucky", "other"]) await legs.build(circuitTo(exit));
  expect(asked).toEqual(["unlucky", "other"]);
});
