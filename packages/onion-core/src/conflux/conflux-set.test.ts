import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { CELL_QUEUE_BOUND } from "../circuit/bounds.ts";
import type { RelayMessage, StreamId } from "../cell/relay-message.ts";
import { CELL_LENGTH } from "../cell/cell.ts";
import { TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { TaborError } from "../errors.ts";
import { ConfluxPair, type LegNumber, type Side } from "../testing/conflux-pair.ts";
import { SeededRandom } from "../testing/seeded-random.ts";

const lostLink = new TaborError("closed", "relay", "a relay lost its link");
const ALL = { client: Infinity, exit: Infinity };
const NONE = { client: 0, exit: 0 };

function pair(): ConfluxPair {
  return new ConfluxPair(new SeededRandom(1)).link();
}

/** Everything that was sent has come, once and in order, and the set is whole. */
function expectAll(one: ConfluxPair): void {
  expect(one.users.exit.got).toEqual(one.sent("client"));
  expect(one.users.client.got).toEqual(one.sent("exit"));
  expect([one.waiting("client"), one.waiting("exit")]).toEqual([0, 0]);
  expect(one.users).toMatchObject({ client: { endedBy: undefined }, exit: { endedBy: undefined } });
}

type Step =
  | { readonly pour: Side; readonly count: number }
  | { readonly signal: Side }
  | { readonly deliver: Side; readonly leg: LegNumber; readonly count: number }
  | { readonly pass: number };

const data = (number = 1): RelayMessage => ({
  command: "DATA",
  streamId: 1 as StreamId,
  data: new Uint8Array(4).fill(number),
});

describe("a set of two legs", () => {
  it("is linked when the exit has answered on both, and carries nothing before", async () => {
    const one = new ConfluxPair(new SeededRandom(1));
    one.pour("client", 10);
    expect(one.legs.map((leg) => leg.underWay("exit"))).toEqual([1, 1]);
    one.settle();
    await one.client.linked;
    one.pour("client", 0);
    one.settle();
    expectAll(one);
  });

  it("sends over the leg with the lower round trip, and over the other when that is full", () => {
    const one = new ConfluxPair(new SeededRandom(1));
    const [slow, quick] = one.legs;
    for (const side of ["exit", "client", "exit"] as const) {
      one.clock.pass(5);
      quick.deliver(side);
      one.clock.pass(20);
      slow.deliver(side);
    }
    const { cwndInit } = TABOR_PARAMETERS;
    one.pour("client", cwndInit);
    expect([slow.underWay("exit"), quick.underWay("exit")]).toEqual([0, cwndInit]);
    one.pour("client", 10);
    // And a SWITCH.
    expect([slow.underWay("exit"), quick.underWay("exit")]).toEqual([11, cwndInit]);
    one.settle();
    one.pour("exit", 10);
    expect([slow.underWay("client"), quick.underWay("client")]).toEqual([0, 10]);
    one.settle();
    expectAll(one);
  });

  it("delivers in order what comes in any", () => {
    const one = pair();
    one.pour("client", 200);
    const [first, second] = one.legs;
    while (second.deliver("exit"));
    while (first.deliver("exit"));
    one.settle();
    expectAll(one);
  });

  it("has no more under way than a circuit when one leg stands still, and goes on when it moves", () => {
    const one = pair();
    one.pour("exit", 40_000);
    const [stuck, moving] = one.legs;
    while (moving.deliver("client") || moving.deliver("exit") || stuck.deliver("exit"));
    const { cwndMax, sendmeInc } = TABOR_PARAMETERS;
    expect(one.sent("exit").length).toBeGreaterThan(cwndMax - sendmeInc);
    expect(one.sent("exit").length).toBeLessThanOrEqual(cwndMax + 2 * sendmeInc);
    one.settle();
    expectAll(one);
  });

  it("does not wait for ever for the acknowledgement of a few messages that are never followed by more", () => {
    const one = pair();
    const [first, second] = one.legs;
    one.pour("exit", 10);
    one.settle();
    // From now on the first leg is by far the slower one.
    const carry = (): boolean => second.deliver("client") || second.deliver("exit");
    one.pour("exit", 30_000);
    while (carry());
    for (let i = 0; i < 200; i++) {
      one.clock.pass(50);
      for (let j = 0; j < 100; j++) if (!first.deliver("client")) first.deliver("exit");
      while (carry());
    }
    one.settle();
    expectAll(one);
  });

  it("keeps no more in the exit than the tail of each leg, once all has come", () => {
    const one = pair();
    one.pour("exit", 3000);
    one.pour("client", 3000);
    one.settle();
    expectAll(one);
    expect(one.memory.bytes).toBeLessThan(2 * TABOR_PARAMETERS.sendmeInc * CELL_LENGTH);
    one.client.destroy(lostLink);
    one.settle();
    expect(one.memory.bytes).toBe(0);
  });
});

describe("the loss of a leg", () => {
  test("at any message loses none and repeats none, whatever of what was under way still comes, and whoever hears of it first", () => {
    const side = fc.constantFrom<Side>("client", "exit");
    const leg = fc.constantFrom<LegNumber>(0, 1);
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 3, arbitrary: fc.record({ pour: side, count: fc.nat(300) }) },
      { weight: 1, arbitrary: fc.record({ signal: side }) },
      { weight: 6, arbitrary: fc.record({ deliver: side, leg, count: fc.nat(150) }) },
      { weight: 1, arbitrary: fc.record({ pass: fc.nat(50) }) },
    );
    const steps = fc.array(step, { maxLength: 40 });
    const arrives = fc.record({ client: fc.nat(200), exit: fc.nat(200) });
    const run = (one: ConfluxPair, all: readonly Step[]): void => {
      for (const next of all) {
        if ("pour" in next) one.pour(next.pour, next.count);
        else if ("signal" in next) one.signal(next.signal);
        else if ("pass" in next) one.clock.pass(next.pass);
        else for (let i = 0; i < next.count; i++) one.legs[next.leg].deliver(next.deliver);
      }
    };
    fc.assert(
      fc.property(steps, leg, arrives, steps, (before, broken, what, after) => {
        const one = pair();
        run(one, before);
        one.legs[broken].break(lostLink, what);
        run(one, after);
        one.settle();
        expectAll(one);
      }),
      { numRuns: 300 },
    );
  });

  it("at each message boundary of a short exchange loses none", () => {
    for (let at = 0; at < 400; at += 3)
      for (const broken of [0, 1] as const) {
        const one = pair();
        one.pour("client", 190);
        one.pour("exit", 190);
        for (let i = 0; i < at; i++) one.legs[i % 2 === 0 ? 0 : 1].deliver(i % 3 === 0 ? "client" : "exit");
        one.legs[broken].break(lostLink, NONE);
        one.settle();
        one.pour("client", 5);
        one.pour("exit", 5);
        one.settle();
        expectAll(one);
      }
  });

  it("which only the exit or only the client has heard of stops nobody", () => {
    for (const deaf of ["client", "exit"] as const) {
      const one = pair();
      one.pour("exit", 150);
      one.pour("client", 150);
      one.legs[0].break(lostLink, ALL);
      const hears = deaf === "client" ? "exit" : "client";
      while (one.legs[0].deliver(hears));
      while (one.legs[1].deliver("client") || one.legs[1].deliver("exit"));
      one.settle();
      expectAll(one);
    }
  });

  it("of both is the end, with the reason", () => {
    const one = pair();
    one.pour("exit", 150);
    for (const leg of one.legs) leg.break(lostLink, NONE);
    one.settle();
    expect(one.users.client.endedBy).toBe(lostLink);
    expect(one.users.exit.endedBy).toBe(lostLink);
    expect(one.memory.bytes).toBe(0);
  });

  it("is the end where what it had under way was forgotten for want of memory; else forgetting harms nobody", () => {
    const one = pair();
    one.pour("exit", 150);
    one.sets.forget();
    expect(one.memory.bytes).toBe(0);
    one.settle();
    one.pour("exit", 150);
    one.settle();
    expectAll(one);
    one.pour("exit", 20);
    one.sets.forget();
    const carrying = one.legs.find((leg) => leg.underWay("client") > 0);
    carrying?.break(lostLink, NONE);
    one.settle();
    expect(one.users.exit.endedBy?.code).toBe("resource-limit");
    expect(one.users.client.endedBy).toBeDefined();
  });

  it("ends the set if the exit does not answer for a minute", () => {
    const one = pair();
    one.legs[0].break(lostLink, NONE);
    while (one.legs[0].deliver("client"));
    one.clock.pass(59_999);
    expect(one.users.client.endedBy).toBeUndefined();
    one.clock.pass(1);
    expect(one.users.client.endedBy?.code).toBe("timeout");
  });
});

describe("a leg that stands still without ending", () => {
  const sides = ["client", "exit"] as const;

  it.each(sides)("is given up while the %s sends, and what it held comes over the other", (from) => {
    const one = pair();
    const [stuck, moving] = one.legs;
    const carry = (): void => {
      while (moving.deliver("client") || moving.deliver("exit"));
    };
    // More than one leg may have under way: something is on each.
    one.pour(from, 2 * TABOR_PARAMETERS.cwndInit);
    for (let seconds = 0; seconds < 30; seconds++) {
      carry();
      expect(stuck.isClosed("client")).toBe(false);
      one.clock.pass(1000);
    }
    expect(stuck.isClosed("client")).toBe(true);
    // What is under way on it never comes.
    stuck.break(lostLink, NONE);
    one.settle();
    expectAll(one);
  });

  it("is kept as long as it moves a little, or nothing is awaited of it", () => {
    const one = pair();
    const [moving, slow] = one.legs;
    one.pour("exit", 1000);
    for (let seconds = 0; seconds < 120; seconds++) {
      while (moving.deliver("client") || moving.deliver("exit"));
      if (seconds % 10 === 0) slow.deliver("client");
      one.clock.pass(1000);
    }
    one.settle();
    for (let seconds = 0; seconds < 120; seconds++) one.clock.pass(1000);
    expect(slow.isClosed("client")).toBe(false);
    expectAll(one);
  });
});

describe("a hostile other side loses its set", () => {
  const nonce = new Uint8Array(32).fill(7);
  const link = { nonce, lastSent: 0, lastReceived: 0 };
  const cases: readonly [string, Side, readonly RelayMessage[]][] = [
    ["LINK for another set", "exit", [{ command: "CONFLUX_LINK", ...link }]],
    ["LINKED_ACK twice", "exit", [{ command: "CONFLUX_LINKED_ACK" }]],
    ["LINKED that nobody asked for", "client", [{ command: "CONFLUX_LINKED", ...link }]],
    [
      "SWITCH after SWITCH",
      "exit",
      [
        { command: "CONFLUX_SWITCH", relative: 1 },
        { command: "CONFLUX_SWITCH", relative: 1 },
      ],
    ],
  ];
  for (const [name, to, messages] of cases)
    it(name, () => {
      const one = pair();
      for (const message of messages) one.legs[0].inject(to, message);
      expect(one.users[to].endedBy?.code).toBe("protocol");
      expect(one.legs.map((leg) => leg.isClosed(to))).toEqual([true, true]);
      expect(one.memory.bytes).toBe(0);
    });

  it("LINKED with another nonce, or of a set that is not new", () => {
    for (const wrong of [link, { ...link, lastSent: 5 }]) {
      const one = new ConfluxPair(new SeededRandom(1));
      one.legs[0].inject("client", { command: "CONFLUX_LINKED", ...wrong });
      expect(one.users.client.endedBy?.code).toBe("protocol");
    }
  });

  it("SWITCH that goes back: what comes then has come before", () => {
    // Relative numbers only go forward; a sender goes back by sending on a leg whose numbers are behind.
    const one = pair();
    one.pour("client", 10);
    one.settle();
    const [first, second] = one.legs;
    const behind = first.ends.client.inflight > 0 ? second : first;
    behind.inject("exit", data());
    expect(one.users.exit.endedBy?.message).toContain("second time");
  });

  it("a gap that is never filled, and a flood behind it", () => {
    const one = pair();
    const [leg] = one.legs;
    leg.inject("exit", { command: "CONFLUX_SWITCH", relative: 1 });
    for (let i = 0; i < CELL_QUEUE_BOUND; i++) leg.inject("exit", data());
    expect(one.users.exit.endedBy).toBeUndefined();
    expect(one.memory.bytes).toBe(CELL_QUEUE_BOUND * CELL_LENGTH);
    leg.inject("exit", data());
    expect(one.users.exit.endedBy?.code).toBe("protocol");
    expect(one.memory.bytes).toBe(0);
    expect(one.users.exit.got).toEqual([]);
  });

  it("a number that is left out on both legs", () => {
    const one = pair();
    const [first, second] = one.legs;
    first.inject("exit", { command: "CONFLUX_SWITCH", relative: 3 });
    first.inject("exit", data());
    expect(one.users.exit.endedBy).toBeUndefined();
    second.inject("exit", { command: "CONFLUX_SWITCH", relative: 1 });
    expect(one.users.exit.endedBy?.message).toContain("no leg brings");
    expect(one.memory.bytes).toBe(0);
  });

  test("whatever it says on the two legs in whatever order: nothing comes out of order, and memory stays bounded", () => {
    const misdeed = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ leg: fc.constantFrom(0, 1), data: fc.integer({ min: 1, max: 80 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ leg: fc.constantFrom(0, 1), relative: fc.integer({ min: 1, max: 100 }) }),
      },
    );
    fc.assert(
      fc.property(fc.array(misdeed, { maxLength: 40 }), (said) => {
        const one = pair();
        for (const { leg, ...what } of said) {
          const circuit = one.legs[leg];
          if ("relative" in what)
            circuit.inject("exit", { command: "CONFLUX_SWITCH", relative: what.relative });
          else for (let i = 0; i < what.data; i++) circuit.inject("exit", data());
        }
        expect(one.memory.bytes).toBeLessThanOrEqual(CELL_QUEUE_BOUND * CELL_LENGTH);
        if (one.users.exit.endedBy === undefined) return;
        expect(one.users.exit.endedBy.code).toBe("protocol");
        expect(one.memory.bytes).toBe(0);
        expect(one.legs.map((each) => each.isClosed("exit"))).toEqual([true, true]);
      }),
    );
  });

  it.each([
    ["more than was sent", { lastSent: 0, lastReceived: 11 }],
    ["less than was acknowledged", { lastSent: 300, lastReceived: 0 }],
    ["fewer sent than have come", { lastSent: 9, lastReceived: 150 }],
  ])("a lost leg that is said to have brought %s", (_name, said) => {
    const one = pair();
    one.pour("exit", 100);
    one.pour("client", 100);
    one.settle();
    const [first, second] = one.legs;
    const carried = first.ends.exit.inflight > 0 ? first : second;
    const other = carried === first ? second : first;
    carried.break(lostLink, NONE);
    while (carried.deliver("client"));
    const forged = other.intercept("exit", (message) =>
      message.command === "CONFLUX_LINK" ? { ...message, ...said } : message,
    );
    expect(forged).toBe(1);
    one.settle();
    expect(one.users.exit.endedBy?.code).toBe("protocol");
    expect(one.memory.bytes).toBe(0);
  });
});
