import { parseHostAddress } from "@tabor/signal-protocol";
import { relayId } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { type Election, type ElectionEvent, FIRST_STEP, nextStep, type ServingHost } from "./election.ts";

/** In the order of their authorities. */
const [a, b, c] = [10, 20, 30].map(hostOf) as [ServingHost, ServingHost, ServingHost];

function hostOf(n: number): ServingHost {
  return {
    address: parseHostAddress(`127.0.0.1:${String(n)}`),
    authority: relayId(new Uint8Array(32).fill(n)),
  };
}

const looked = (...found: readonly ServingHost[]): ElectionEvent => ({ type: "looked", found });
const step = (election: Election, event: ElectionEvent) => nextStep(election, event, true);

describe("a host without a server", () => {
  test("looks, waits, looks again, and serves", () => {
    const first = step(FIRST_STEP.election, looked());
    expect(first).toEqual({ election: { phase: "waiting", again: true }, commands: ["wait"] });
    const second = step(first.election, { type: "rested" });
    expect(second).toEqual({ election: { phase: "looking", again: true }, commands: ["look"] });
    const third = step(second.election, looked());
    expect(third).toEqual({ election: { phase: "starting" }, commands: ["start"] });
    const fourth = step(third.election, { type: "started", host: b });
    expect(fourth).toEqual({ election: { phase: "serving", host: b }, commands: [{ join: b }, "look"] });
  });

  test.each([false, true])("joins the smallest that is there (again: %s)", (again) => {
    const joined = { election: { phase: "joined", host: a }, commands: [{ join: a }] };
    expect(step({ phase: "looking", again }, looked(c, a, b))).toEqual(joined);
  });

  test("never serves if it may not, and goes on looking", () => {
    const again = nextStep({ phase: "looking", again: true }, looked(), false);
    expect(again).toEqual({ election: { phase: "waiting", again: true }, commands: ["wait"] });
  });

  test("waits and looks again when it cannot serve", () => {
    const ended = step({ phase: "starting" }, { type: "ended" });
    expect(ended).toEqual({ election: { phase: "waiting", again: true }, commands: ["wait"] });
  });
});

describe("a host that serves", () => {
  const serving: Election = { phase: "serving", host: b };

  test("steps down for a smaller one, and joins it", () => {
    const stepped = { election: { phase: "joined", host: a }, commands: ["stop", { join: a }] };
    expect(step(serving, looked(c, a))).toEqual(stepped);
  });

  test.each([[[]], [[c]], [[b]]])("stays when it is the smallest, and goes on looking", (found) => {
    expect(step(serving, looked(...found))).toEqual({ election: serving, commands: ["rest"] });
    expect(step(serving, { type: "rested" })).toEqual({ election: serving, commands: ["look"] });
  });

  test.each([
    { type: "ended" },
    { type: "lost", wasJoined: true },
    { type: "lost", wasJoined: false },
  ] as const)("begins anew when its server fails: %j", (event) => {
    const anew = { election: { phase: "looking", again: false }, commands: ["stop", "look"] };
    expect(step(serving, event)).toEqual(anew);
  });
});

describe("a host that has joined", () => {
  const joined: Election = { phase: "joined", host: a };

  test("looks at once when the server is gone", () => {
    const looking = { election: { phase: "looking", again: false }, commands: ["look"] };
    expect(step(joined, { type: "lost", wasJoined: true })).toEqual(looking);
  });

  test("waits before it looks when the server could not be joined", () => {
    const waiting = { election: { phase: "waiting", again: false }, commands: ["wait"] };
    expect(step(joined, { type: "lost", wasJoined: false })).toEqual(waiting);
  });
});

test("what comes too late changes nothing", () => {
  const late: readonly [Election, ElectionEvent][] = [
    [{ phase: "joined", host: a }, looked(b)],
    [{ phase: "joined", host: a }, { type: "ended" }],
    [{ phase: "waiting", again: true }, looked(b)],
    [
      { phase: "looking", again: true },
      { type: "lost", wasJoined: true },
    ],
    [{ phase: "looking", again: true }, { type: "ended" }],
    [{ phase: "starting" }, { type: "rested" }],
  ];
  for (const [election, event] of late) expect(step(election, event)).toEqual({ election, commands: [] });
});
