import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FLOW_PARAMETERS } from "./flow-parameters.ts";
import { FlowReceiver, type FlowSignal } from "./flow-receiver.ts";
import { FlowSender } from "./flow-sender.ts";
import { TokenBucket } from "./token-bucket.ts";

const { xoffLimit, xonRate, grace, maxInFlight, burst } = FLOW_PARAMETERS;
const SECOND = 1_000_000;

/** A receiver with the queue that its owner keeps. */
class Reader {
  readonly receiver = new FlowReceiver(FLOW_PARAMETERS);
  queued = 0;

  arrive(bytes: number, now: number): FlowSignal | undefined {
    this.queued += bytes;
    return this.receiver.arrived(bytes, this.queued, now);
  }

  read(bytes: number, now: number): FlowSignal | undefined {
    const taken = Math.min(bytes, this.queued);
    this.queued -= taken;
    return this.receiver.left(taken, this.queued, now);
  }
}

/** One that has sent XOFF. */
function stopped(now = 0): Reader {
  const reader = new Reader();
  expect(reader.arrive(2 * xoffLimit + 1, now)).toEqual({ command: "XOFF" });
  return reader;
}

function expectBetween(value: number, [low, high]: readonly [number, number]): void {
  expect(value).toBeGreaterThan(low);
  expect(value).toBeLessThan(high);
}

describe("the receiver of a stream", () => {
  it("says XOFF when its queue is above the limit, and still is after the grace", () => {
    const reader = new Reader();
    expect(reader.arrive(xoffLimit, 0)).toBeUndefined();
    expect(reader.arrive(1, 1000)).toBeUndefined();
    expect(reader.arrive(1, 1000 + grace)).toBeUndefined();
    expect(reader.arrive(1, 1001 + grace)).toEqual({ command: "XOFF" });
    expect(reader.arrive(1, 1002 + grace)).toBeUndefined();
  });

  it("says nothing of a burst that is read within the grace", () => {
    const reader = new Reader();
    reader.arrive(xoffLimit + 1, 0);
    expect(reader.read(1, 10)).toBeUndefined();
    expect(reader.arrive(1, 2 * grace)).toBeUndefined();
    expect(reader.arrive(1, 3 * grace)).toBeUndefined();
    expect(reader.arrive(1, 3 * grace + 1)).toEqual({ command: "XOFF" });
  });

  it("does not wait for the grace at twice the limit", () => {
    const reader = new Reader();
    expect(reader.arrive(2 * xoffLimit, 0)).toBeUndefined();
    expect(reader.arrive(1, 0)).toEqual({ command: "XOFF" });
  });

  it("says XON when the queue is empty, with the rate at which it went, and again when that has changed by a quarter", () => {
    const reader = stopped();
    let now = 0;
    /** Reads at a rate; at first what is queued, then what comes at the same rate. */
    const readAt = (kbps: number, forSeconds: number): number[] => {
      const told: number[] = [];
      for (const end = now + forSeconds * SECOND; now < end;) {
        now += 10_000;
        const refill =
          told.length > 0 || reader.queued < xonRate / 2 ? reader.arrive(kbps * 10, now) : undefined;
        for (const signal of [refill, reader.read(kbps * 10, now)])
          if (signal?.command === "XON") told.push(signal.kbps);
      }
      return told;
    };
    const near = (kbps: number): [number, number] => [0.75 * kbps, 1.25 * kbps];

    while (reader.queued > 10_000) expect(reader.read(10_000, (now += 10_000))).toBeUndefined();
    const first = reader.read(Infinity, (now += 10_000));
    expect(first?.command).toBe("XON");
    expectBetween(first?.command === "XON" ? first.kbps : 0, near(1000));

    reader.arrive(xonRate, now);
    expect(readAt(1000, 3)).toEqual([]);
    expectBetween(readAt(2000, 3).at(-1) ?? 0, near(2000));
    expectBetween(readAt(300, 6).at(-1) ?? 0, near(300));
    expect(readAt(300, 6)).toEqual([]);
  });

  it("doubles the rate as long as it reads all that comes", () => {
    const reader = stopped();
    let now = 0;
    while (reader.queued > 10_000) reader.read(10_000, (now += 10_000));
    const told: number[] = [];
    for (let read = 0; read < 4.5 * xonRate; read += 10_000) {
      const signal = reader.read(Infinity, (now += 10_000));
      if (signal?.command === "XON") told.push(signal.kbps);
      expect(reader.arrive(10_000, now)).toBeUndefined();
    }
    // The first doubling has a part of what was read before.
    expect([5, 6]).toContain(told.length);
    expect(told.map((kbps) => kbps / (told[0] ?? NaN))).toEqual(told.map((_, i) => 2 ** i));
  });

  it("says XON without a rate if the queue went too quickly to tell", () => {
    const reader = stopped();
    expect(reader.read(Infinity, 0)).toEqual({ command: "XON", kbps: 0 });
  });

  it("ends with a sender that goes on: no more can come than was under way", () => {
    const reader = stopped();
    expect(reader.arrive(maxInFlight, 1)).toBeUndefined();
    expect(() => reader.arrive(1, 2)).toThrow("in spite of XOFF");
  });
});

describe("the sender of a stream", () => {
  const now = 0;
  function sender(sent: number): FlowSender {
    const one = new FlowSender(FLOW_PARAMETERS);
    one.sent(sent);
    return one;
  }

  it("sends without a limit at first, nothing while stopped, and then at the rate that it was told", () => {
    const one = sender(2 * xoffLimit);
    expect([one.room(now), one.wait(10 ** 9, now)]).toEqual([Infinity, 0]);
    one.xoff();
    expect([one.stopped, one.room(now), one.wait(1, now)]).toEqual([true, 0, Infinity]);
    one.xon(100, now);
    expect([one.stopped, one.room(now)]).toEqual([false, 100_000]);
    one.sent(100_000);
    expect([one.room(now), one.wait(1902, now)]).toEqual([0, 19_020]);
    expect(one.room(now + 19_020)).toBe(1902);
  });

  test.each([0, 2 ** 31 / 1000, 2 ** 32 - 1])("%d kbps is no limit", (kbps) => {
    const one = sender(2 * xoffLimit);
    one.xon(1, now);
    expect(one.room(now)).toBeLessThan(Infinity);
    one.xon(kbps, now);
    expect(one.room(now)).toBe(Infinity);
  });

  it("has room for a whole cell at the lowest rate", () => {
    const one = sender(xoffLimit);
    one.xon(1, now);
    expect(one.room(now)).toBe(FLOW_PARAMETERS.minBucket);
  });

  it("refuses an XOFF before the buffer can be full, and one after another", () => {
    expect(() => {
      sender(xoffLimit - 1).xoff();
    }).toThrow("before the buffer can be full");
    const one = sender(10 * xoffLimit);
    one.xoff();
    expect(() => {
      one.xoff();
    }).toThrow("XOFF after XOFF");
  });

  it("refuses more XONs than it sent measures of data", () => {
    const one = sender(2 * xonRate);
    one.xon(1, now);
    one.xon(2, now);
    expect(() => {
      one.xon(3, now);
    }).toThrow("before its rate can be known");
  });

  it("a long stream earns no flood: at most as many as a few buffers ago", () => {
    const one = sender(0);
    for (let i = 0; i < 100_000; i++) one.sent(xonRate);
    let accepted = 0;
    expect(() => {
      for (; ; accepted++) one.xon(1, now);
    }).toThrow("before its rate can be known");
    expect(accepted).toBeLessThanOrEqual(FLOW_PARAMETERS.halveAtBytes / xonRate);
  });
});

test("a bucket lets pass no more than its size and its rate, and waits for exactly what is missing", () => {
  const takes = fc.array(fc.tuple(fc.nat(3 * SECOND), fc.nat(5000)), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 ** 6 }),
      fc.integer({ min: 1, max: 5000 }),
      takes,
      (rate, size, steps) => {
        const bucket = new TokenBucket(rate, size, 0);
        let [now, passed] = [0, 0];
        for (const [micros, wanted] of steps) {
          now += micros;
          const bytes = Math.min(wanted, bucket.level(now));
          bucket.take(bytes);
          passed += bytes;
          expect(passed).toBeLessThanOrEqual(size + (rate * now) / SECOND + 1);
          const wait = bucket.wait(wanted, now);
          now += wait;
          expect(bucket.level(now)).toBeGreaterThanOrEqual(Math.min(wanted, size) - 1);
        }
      },
    ),
  );
});

/** What a stream's two ends do: data is sent, comes in, and is read, in pieces and with delays as they fall. */
const steps = fc.array(
  fc.record({
    send: fc.oneof(fc.nat(2000), fc.nat(3 * xoffLimit)),
    deliver: fc.oneof(fc.constant(Infinity), fc.nat(xoffLimit)),
    read: fc.oneof(fc.constant(0), fc.constant(Infinity), fc.nat(2 * xonRate)),
    micros: fc.oneof(fc.nat(200), fc.nat(2 * grace), fc.nat(5 * SECOND)),
    hearSignals: fc.boolean(),
  }),
  { maxLength: 300 },
);

test("two honest ends never refuse each other, stay in their bounds, and nothing is stuck at the end", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const reader = new Reader();
      const sender = new FlowSender(FLOW_PARAMETERS);
      const signals: FlowSignal[] = [];
      let [now, onTheWay] = [0, 0];
      const note = (signal: FlowSignal | undefined): void => {
        if (signal) signals.push(signal);
      };
      const hear = (): void => {
        for (const signal of signals.splice(0))
          if (signal.command === "XOFF") sender.xoff();
          else sender.xon(signal.kbps, now);
      };
      const move = (send: number, deliver: number, read: number): void => {
        const sent = Math.floor(Math.min(send, sender.room(now), maxInFlight - onTheWay));
        sender.sent(sent);
        onTheWay += sent;
        const delivered = Math.min(deliver, onTheWay);
        onTheWay -= delivered;
        // Cells come one by one.
        for (let left = delivered; left > 0; left -= burst) note(reader.arrive(Math.min(burst, left), now));
        note(reader.read(read, now));
        expect(reader.queued).toBeLessThanOrEqual(2 * xoffLimit + burst + maxInFlight);
      };
      for (const one of all) {
        now += one.micros;
        move(one.send, one.deliver, one.read);
        if (one.hearSignals) hear();
      }
      for (let i = 0; i < 2; i++) {
        move(0, Infinity, Infinity);
        hear();
      }
      expect(sender.stopped).toBe(false);
    }),
  );
});
