import { describe, expect, it } from "vitest";
import { ClientSetupPadding, type ClientPaddingMessage } from "./client-setup-padding.ts";
import { RelaySetupPadding, type RelayPaddingMessage } from "./relay-setup-padding.ts";
import { CLIENT_CELLS, MAX_RELAY_CELLS } from "./setup-padding.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const protocol = expect.objectContaining({ code: "protocol" }) as Error;
const START = { action: "start", machine: 1, counter: 1 } as const;
const STOP = { ...START, action: "stop" } as const;

function client() {
  const clock = new VirtualClock();
  const sent: ClientPaddingMessage["command"][] = [];
  const padding = new ClientSetupPadding(clock, ({ command }) => sent.push(command));
  const outcome = { ended: false };
  void padding.ended.then(() => (outcome.ended = true));
  return { clock, sent, padding, outcome };
}

function relay(start = seed) {
  const clock = new VirtualClock();
  const sent: (RelayPaddingMessage & { readonly at: number })[] = [];
  const queue = { length: 0 };
  const padding = new RelaySetupPadding({
    ...{ clock, random: new SeededRandom(start), queued: () => queue.length },
    send: (message) => sent.push({ ...message, at: clock.monotonic() }),
  });
  return {
    clock,
    sent,
    queue,
    padding,
    drops: () => sent.filter(({ command }) => command === "DROP").length,
  };
}

describe("a client's machine", () => {
  it("asks, and fills up what a stream would begin with in the same turn", async () => {
    for (const real of [0, 1, 2, 3]) {
      const { clock, sent, padding } = client();
      padding.start();
      expect(sent).toEqual(["PADDING_NEGOTIATE"]);
      for (let i = 0; i < real; i++) padding.sent();
      await clock.settle();
      padding.sent();
      await clock.settle();
      const drops = Array.from({ length: Math.max(0, CLIENT_CELLS - real) }, () => "DROP");
      expect(sent).toEqual(["PADDING_NEGOTIATE", ...drops]);
      padding.close();
    }
  });

  it("is over when the relay says so, or refuses, or says nothing, or is gone", async () => {
    const endings: readonly ((one: ReturnType<typeof client>) => void)[] = [
      ({ padding }) => {
        padding.answered({ ...START, ok: true });
        padding.answered({ ...STOP, ok: true });
      },
      ({ padding }) => {
        padding.answered({ ...START, ok: false });
      },
      ({ padding }) => {
        padding.close();
      },
    ];
    for (const end of endings) {
      const one = client();
      one.padding.start();
      await one.clock.settle();
      expect(one.outcome.ended).toBe(false);
      end(one);
      await one.clock.settle();
      expect(one.outcome.ended).toBe(true);
      expect(one.clock.waiting).toBe(0);
    }
    const silent = client();
    silent.padding.start();
    await silent.clock.advance(9999);
    expect(silent.outcome.ended).toBe(false);
    await silent.clock.advance(1);
    expect(silent.outcome.ended).toBe(true);
  });

  it("lets DROP come while the relay's runs, no more of it than that sends", () => {
    const { padding } = client();
    const drop = (): void => {
      padding.dropped();
    };
    padding.start();
    expect(drop).toThrow(protocol);
    padding.answered({ ...START, ok: true });
    for (let i = 0; i < MAX_RELAY_CELLS; i++) drop();
    expect(drop).toThrow(protocol);
    const other = client().padding;
    other.start();
    other.answered({ ...START, ok: true });
    other.answered({ ...STOP, ok: true });
    expect(() => {
      other.dropped();
    }).toThrow(protocol);
  });

  it.each([
    ["stop before start", [{ ...STOP, ok: true }]],
    ["another machine", [{ ...START, machine: 2, ok: true }]],
    ["another counter", [{ ...START, counter: 2, ok: true }]],
    [
      "start twice",
      [
        { ...START, ok: true },
        { ...START, ok: true },
      ],
    ],
    [
      "stop twice",
      [
        { ...START, ok: true },
        { ...STOP, ok: true },
        { ...STOP, ok: true },
      ],
    ],
    [
      "start after a refusal",
      [
        { ...START, ok: false },
        { ...START, ok: true },
      ],
    ],
  ] as const)("refuses an answer to nothing: %s", (_name, answers) => {
    const { padding } = client();
    padding.start();
    expect(() => {
      for (const answer of answers) padding.answered(answer);
    }).toThrow(protocol);
  });
});

describe(withSeed("a relay's machine", seed), () => {
  it("answers, sends seven to nine cells a few milliseconds apart, and says that it has ended", async () => {
    const counts = new Set<number>();
    for (let run = 0; run < 60; run++) {
      const { clock, sent, padding, drops } = relay(seed + run);
      padding.asked(START);
      expect(sent).toMatchObject([{ command: "PADDING_NEGOTIATED", ...START, ok: true }]);
      await clock.advance(1000);
      counts.add(drops());
      expect(sent.at(-1)).toMatchObject({ command: "PADDING_NEGOTIATED", ...STOP, ok: true });
      expect(sent).toHaveLength(drops() + 2);
      const gaps = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
      expect(clock.waiting).toBe(0);
    }
    expect(counts).toEqual(new Set([7, 8, 9]));
  });

  it("sends as much less as real cells come, and never more than one timer waits", async () => {
    for (const real of [1, 4, 20]) {
      const { clock, sent, padding, drops } = relay();
      padding.asked(START);
      for (let i = 0; i < real; i++) {
        padding.relayed();
        expect(clock.waiting).toBe(1);
      }
      await clock.advance(1000);
      expect(drops()).toBeGreaterThanOrEqual(Math.max(0, 7 - real));
      expect(drops()).toBeLessThanOrEqual(Math.max(0, 9 - real));
      expect(sent.at(-1)).toMatchObject({ ...STOP, ok: true });
    }
  });

  it("adds nothing to a queue that is long already, but ends in time", async () => {
    const { clock, sent, queue, padding, drops } = relay();
    queue.length = 8;
    padding.asked(START);
    await clock.advance(1000);
    expect(drops()).toBe(0);
    expect(sent.at(-1)).toMatchObject({ ...STOP, ok: true });
  });

  it("stops when it is told to, and when the circuit is gone", async () => {
    const { clock, sent, padding, drops } = relay();
    padding.asked(START);
    await clock.advance(12);
    padding.asked(STOP);
    const before = drops();
    await clock.advance(1000);
    expect(drops()).toBe(before);
    expect(sent.at(-1)).toMatchObject({ ...STOP, ok: true });
    const gone = relay();
    gone.padding.asked(START);
    gone.padding.close();
    await gone.clock.advance(1000);
    expect(gone.sent).toHaveLength(1);
  });

  it("refuses a machine that it does not know, and runs nothing", async () => {
    const { clock, sent, padding } = relay();
    padding.asked({ ...START, machine: 9, counter: 5 });
    await clock.advance(1000);
    expect(sent).toMatchObject([
      { command: "PADDING_NEGOTIATED", action: "start", machine: 9, counter: 5, ok: false },
    ]);
    expect(() => {
      padding.asked(START);
    }).toThrow(protocol);
  });

  const misdeeds: readonly [string, (padding: RelaySetupPadding) => void][] = [
    [
      "two starts",
      (padding) => {
        padding.asked(START);
        padding.asked({ ...START, counter: 2 });
      },
    ],
    [
      "a stop of nothing",
      (padding) => {
        padding.asked(STOP);
      },
    ],
    [
      "a stop of another machine",
      (padding) => {
        padding.asked(START);
        padding.asked({ ...STOP, counter: 2 });
      },
    ],
    [
      "two stops",
      (padding) => {
        padding.asked(START);
        padding.asked(STOP);
        padding.asked(STOP);
      },
    ],
    [
      "DROP without a machine",
      (padding) => {
        padding.dropped();
      },
    ],
    [
      "more DROPs than a machine sends",
      (padding) => {
        padding.asked(START);
        for (let i = 0; i <= CLIENT_CELLS; i++) padding.dropped();
      },
    ],
  ];
  for (const [name, misdeed] of misdeeds)
    it(`is refused ${name}`, () => {
      const { padding } = relay();
      expect(() => {
        misdeed(padding);
      }).toThrow(protocol);
      padding.close();
    });
});
