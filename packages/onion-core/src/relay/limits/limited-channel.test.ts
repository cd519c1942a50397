import { describe, expect, it, test } from "vitest";
import { LinkTraffic, type TrafficLimits } from "./link-traffic.ts";
import type { DataChannel } from "../../ports/data-channel.ts";
import { dataChannelContract } from "../../testing/data-channel-contract.ts";
import { memoryDataChannel } from "../../testing/memory-data-channel.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";

const BOUND = 16 * 2 ** 20;

function traffic(limits: TrafficLimits) {
  const clock = new VirtualClock();
  const all = new LinkTraffic({ clock, queueMemory: BOUND, spent: () => undefined });
  all.limit(limits);
  return { all, clock };
}

for (const [name, limits] of [
  ["without limits", {}],
  ["with limits that are far away", { sendRate: 1e9, receiveRate: 1e9 }],
] as const) {
  const contract = dataChannelContract(() => {
    const { all, clock } = traffic(limits);
    const { a, b } = memoryDataChannel({ clock });
    return Promise.resolve({ a: all.share(a), b });
  });
  test.each(contract)(`a limited channel ${name}: $name`, ({ run }) => run());
}

/** Sends messages of `length` whenever there is room. */
function pour(channel: DataChannel, length: number): void {
  const message = new Uint8Array(length);
  const go = (): void => {
    while (channel.send(message));
  };
  channel.receive({ message: () => undefined, drained: go, closed: () => undefined });
  go();
}

function counted(channel: DataChannel): { bytes: number; closed: string | undefined } {
  const seen: { bytes: number; closed: string | undefined } = { bytes: 0, closed: undefined };
  channel.receive({
    message: ({ length }) => (seen.bytes += length),
    drained: () => undefined,
    closed: (reason) => (seen.closed = reason),
  });
  return seen;
}

describe("what all channels of a relay send together", () => {
  for (const rate of [20_000, 300_000, 5_000_000])
    it(`is ${rate} bytes/s, shared alike`, async () => {
      const { all, clock } = traffic({ sendRate: rate });
      const seen = Array.from({ length: 5 }, () => {
        const { a, b } = memoryDataChannel({ clock, latency: () => 20 });
        pour(all.share(a), 16_384);
        return counted(b);
      });
      const sent = (): number => seen.reduce((sum, { bytes }) => sum + bytes, 0);
      await clock.advance(5000);
      const before = sent();
      const eachBefore = seen.map(({ bytes }) => bytes);
      await clock.advance(60_000);
      const perSecond = (sent() - before) / 60;
      expect(perSecond / rate).toBeGreaterThan(0.95);
      expect(perSecond / rate).toBeLessThan(1.05);
      const each = seen.map(({ bytes }, i) => bytes - (eachBefore[i] ?? 0));
      expect(Math.max(...each) / Math.min(...each)).toBeLessThan(1.25);
    });

  it("is less at once, when the limit is changed to less", async () => {
    const { all, clock } = traffic({ sendRate: 1_000_000 });
    const { a, b } = memoryDataChannel({ clock, latency: () => 5 });
    pour(all.share(a), 16_384);
    const seen = counted(b);
    await clock.advance(2000);
    all.limit({ sendRate: 100_000 });
    await clock.advance(2000);
    const before = seen.bytes;
    await clock.advance(20_000);
    expect((seen.bytes - before) / 20 / 100_000).toBeCloseTo(1, 1);
    all.limit({});
    const atOnce = seen.bytes;
    await clock.advance(20);
    expect(seen.bytes).toBeGreaterThan(atOnce + 100_000);
  });
});

describe("what comes faster than it may", () => {
  it("is received all the same, as it cannot be stopped", async () => {
    const { all, clock } = traffic({ receiveRate: 1000 });
    const { a, b } = memoryDataChannel({ clock });
    const seen = counted(all.share(a));
    await clock.settle();
    for (let i = 0; i < 10; i++) b.send(new Uint8Array(2048));
    b.close();
    await clock.settle();
    expect(seen).toEqual({ bytes: 20_480, closed: "closed by the peer" });
    expect(clock.waiting).toBe(0);
  });

  it("costs the worst sender the link once it is more than queues may hold, and nobody else", async () => {
    const { all, clock } = traffic({ receiveRate: 100_000 });
    const [flood, calm] = [memoryDataChannel({ clock, latency: () => 5 }), memoryDataChannel({ clock })];
    const flooded = counted(all.share(flood.a));
    const seen = counted(all.share(calm.a));
    pour(flood.b, 16_384);
    for (let i = 0; i < 200; i++) {
      calm.b.send(new Uint8Array(2048));
      await clock.advance(50);
    }
    expect(flooded.closed).toContain("more came");
    expect(flooded.bytes / BOUND).toBeCloseTo(1, 0);
    expect(seen).toEqual({ bytes: 200 * 2048, closed: undefined });
  });
});
