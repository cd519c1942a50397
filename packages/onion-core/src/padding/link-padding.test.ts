import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkPadding, type PaddingSide } from "./link-padding.ts";
import { drawSilence, grantedSilence, NORMAL_SILENCE, REDUCED_SILENCE } from "./silence.ts";
import type { LinkPaddingRequest } from "../cell/padding-bodies.ts";
import { randomBelow } from "../ports/random.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);

function scene(side: PaddingSide, start = seed) {
  const clock = new VirtualClock();
  const padded: number[] = [];
  const said: LinkPaddingRequest[] = [];
  const padding = new LinkPadding({
    ...{ side, clock, random: new SeededRandom(start) },
    pad: () => padded.push(clock.monotonic()),
    negotiate: (request) => said.push(request),
  });
  padding.start();
  return { clock, padding, padded, said };
}

const MINUTE = 60_000;

describe(withSeed("how long a link is silent", seed), () => {
  const random = new SeededRandom(seed);

  it("is the larger of two uniform draws", () => {
    const draws = Array.from({ length: 20_000 }, () => drawSilence(NORMAL_SILENCE, random));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(1500);
    expect(Math.max(...draws)).toBeLessThan(9500);
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    // E max(U, V) is two thirds of the range; the median is √½ of it.
    expect(mean).toBeGreaterThan(1500 + 8000 * 0.655);
    expect(mean).toBeLessThan(1500 + 8000 * 0.678);
    const below = draws.filter((draw) => draw < 1500 + 8000 * Math.SQRT1_2).length;
    expect(Math.abs(below / draws.length - 0.5)).toBeLessThan(0.02);
  });

  it("is exactly the least when the most is no more", () => {
    expect(drawSilence({ low: 700, high: 700 }, random)).toBe(700);
    expect(drawSilence({ low: 700, high: 3 }, random)).toBe(700);
  });

  it("is never shorter than the network has it, whatever a client asks for", () => {
    const u16 = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(u16, u16, (low, high) => {
        const granted = grantedSilence({ command: "start", low, high }) ?? { low: 0, high: 0 };
        expect(granted.low).toBe(Math.max(1500, low));
        expect(granted.high).toBeGreaterThanOrEqual(granted.low);
        expect(drawSilence(granted, random)).toBeGreaterThanOrEqual(1500);
      }),
    );
    expect(grantedSilence({ command: "start", low: 0, high: 0 })).toEqual(NORMAL_SILENCE);
    expect(grantedSilence({ command: "stop" })).toBeUndefined();
  });
});

describe(withSeed("a link that nothing is sent on", seed), () => {
  const ends: readonly [string, PaddingSide, number, number][] = [
    ["a client", { end: "client", mode: "normal" }, 1500, 9500],
    ["its guard", { end: "guard" }, 1500, 9500],
    [
      "a client with little to spend",
      { end: "client", mode: "reduced" },
      REDUCED_SILENCE.low,
      REDUCED_SILENCE.high,
    ],
  ];
  for (const [who, side, low, high] of ends)
    it(`is padded by ${who} after ${String(low)} to ${String(high)} ms each time`, async () => {
      const { clock, padded } = scene(side);
      await clock.advance(20 * MINUTE);
      const silences = [0, ...padded].map((at, i) => (padded[i] ?? Infinity) - at).slice(0, -1);
      expect(Math.min(...silences)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...silences)).toBeLessThan(high);
      expect(new Set(silences).size).toBeGreaterThan(50);
    });

  it("is not padded between relays, nor by a client that wants none", async () => {
    for (const side of [{ end: "relay" }, { end: "client", mode: "off" }] as const) {
      const { clock, padded } = scene(side);
      expect(clock.waiting).toBe(0);
      await clock.advance(MINUTE);
      expect(padded).toEqual([]);
    }
  });
});

describe(withSeed("a link that is used", seed), () => {
  it("is silent for no longer than what is drawn after each cell, and is not padded earlier", async () => {
    const { clock, padding, padded } = scene({ end: "guard" });
    const random = new SeededRandom(seed);
    const sent: number[] = [0];
    while (clock.monotonic() < 60 * MINUTE) {
      await clock.advance(randomBelow(random, 12_000));
      padding.sent(clock.monotonic());
      sent.push(clock.monotonic());
    }
    const all = [...sent, ...padded].sort((a, b) => a - b);
    for (const at of padded) expect(at - (all[all.indexOf(at) - 1] ?? 0)).toBeGreaterThanOrEqual(1500);
    for (let i = 1; i < all.length; i++) expect((all[i] ?? 0) - (all[i - 1] ?? 0)).toBeLessThan(9500);
    expect(padded.length).toBeGreaterThan(50);
  });

  it("has the same silences as one that is not, after its last cell", async () => {
    const silences: number[] = [];
    for (let run = 0; run < 300; run++) {
      const { clock, padding, padded } = scene({ end: "guard" }, seed + run);
      await clock.advance(run * 10);
      padding.sent(clock.monotonic());
      await clock.advance(9500);
      const first = padded.find((at) => at > run * 10) ?? 0;
      silences.push(first - run * 10);
      padding.stop();
    }
    const mean = silences.reduce((sum, one) => sum + one, 0) / silences.length;
    expect(Math.abs(mean - (1500 + (8000 * 2) / 3))).toBeLessThan(500);
  });

  it("wakes nobody for a cell: one timer, whatever is sent", async () => {
    const { clock, padding } = scene({ end: "guard" });
    for (let i = 0; i < 1000; i++) {
      padding.sent(clock.monotonic());
      expect(clock.waiting).toBe(1);
      if (i % 100 === 0) await clock.advance(100);
    }
    padding.stop();
    expect(clock.waiting).toBe(0);
  });
});

describe("padding is negotiated", () => {
  it("by a client that wants less than normal, and by nobody else", () => {
    expect(scene({ end: "client", mode: "normal" }).said).toEqual([]);
    expect(scene({ end: "client", mode: "reduced" }).said).toEqual([{ command: "stop" }]);
    expect(scene({ end: "client", mode: "off" }).said).toEqual([{ command: "stop" }]);
    expect(scene({ end: "guard" }).said).toEqual([]);
  });

  it("with a guard, which stops, goes on, and keeps longer silences", async () => {
    const { clock, padding, padded } = scene({ end: "guard" });
    padding.asked({ command: "stop" });
    await clock.advance(10 * MINUTE);
    expect(padded).toEqual([]);
    padding.asked({ command: "start", low: 20_000, high: 0 });
    await clock.advance(10 * MINUTE);
    expect(padded.length).toBeGreaterThan(28);
    const silences = padded.slice(1).map((at, i) => at - (padded[i] ?? 0));
    expect(new Set(silences)).toEqual(new Set([20_000]));
  });

  it("with nobody else: a client or a relay that is told refuses", () => {
    for (const side of [{ end: "relay" }, { end: "client", mode: "normal" }] as const)
      expect(() => {
        scene(side).padding.asked({ command: "stop" });
      }).toThrow(expect.objectContaining({ code: "protocol" }) as Error);
  });
});

describe("a flood of padding", () => {
  const flood = expect.objectContaining({ code: "protocol" }) as Error;

  it("is refused, whether of PADDING or of requests", () => {
    const one = scene({ end: "guard" });
    for (let i = 0; i < 30; i++) one.padding.received();
    expect(() => {
      one.padding.received();
    }).toThrow(flood);
    const other = scene({ end: "guard" });
    for (let i = 0; i < 30; i++) other.padding.asked({ command: "start", low: 0, high: 0 });
    expect(() => {
      other.padding.asked({ command: "stop" });
    }).toThrow(flood);
    other.padding.stop();
  });

  it("is not what the quickest honest end sends, for hours", async () => {
    const { clock, padding } = scene({ end: "relay" });
    for (let i = 0; i < 5000; i++) {
      await clock.advance(1500);
      padding.received();
    }
  });
});
