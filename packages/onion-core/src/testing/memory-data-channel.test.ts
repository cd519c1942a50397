import { beforeEach, describe, expect, test } from "vitest";
import { dataChannelContract } from "./data-channel-contract.ts";
import { memoryDataChannel, type MemoryChannelOptions } from "./memory-data-channel.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { ascii } from "../bytes/bytes.ts";
import type { DataChannelReceiver } from "../ports/data-channel.ts";
import { randomBelow } from "../ports/random.ts";

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

class Listener implements DataChannelReceiver {
  readonly heard: string[] = [];
  message(bytes: Uint8Array): void {
    this.heard.push(String.fromCharCode(...bytes));
  }
  drained(): void {
    this.heard.push("<drained>");
  }
  closed(reason: string): void {
    this.heard.push(`<${reason}>`);
  }
}

function open(options: Omit<MemoryChannelOptions, "clock"> = {}) {
  const channel = memoryDataChannel({ clock, ...options });
  const atA = new Listener();
  const atB = new Listener();
  channel.a.receive(atA);
  channel.b.receive(atB);
  return { ...channel, atA, atB };
}

describe("keeps the contract of the port", () => {
  const random = new SeededRandom(1);
  const networks = [
    ["as fast as turns go", undefined],
    ["with latency", () => 1 + randomBelow(random, 200)],
  ] as const;

  describe.each(networks)("%s", (_name, latency) => {
    const channel = () => memoryDataChannel({ clock, ...(latency && { latency }) });
    for (const { name, run } of dataChannelContract(() => Promise.resolve(channel()))) {
      test(name, () => clock.until(Promise.resolve(run())));
    }
  });
});

test("each end sees its own certificate as local and the other's as remote", () => {
  const { a, b } = open();
  expect(a.fingerprints).toEqual({ local: b.fingerprints.remote, remote: b.fingerprints.local });
  expect(a.fingerprints.local).not.toEqual(a.fingerprints.remote);
});

test("the ends share no memory, and messages are views into larger buffers", async () => {
  const { a, b } = memoryDataChannel({ clock });
  const received: Uint8Array[] = [];
  b.receive({ message: (bytes) => received.push(bytes), drained: () => undefined, closed: () => undefined });
  const sent = ascii("abc");
  a.send(sent);
  await clock.settle();
  expect(received).toEqual([sent]);
  expect(received[0]?.buffer).not.toBe(sent.buffer);
  expect(received[0]?.byteOffset).toBeGreaterThan(0);
});

describe("latency", () => {
  test("is taken from the clock", async () => {
    const { a, atB } = open({ latency: () => 40 });
    a.send(ascii("x"));
    await clock.advance(39);
    expect(atB.heard).toEqual([]);
    await clock.advance(1);
    expect(atB.heard).toEqual(["x"]);
  });

  test("never makes messages overtake each other, nor the end overtake a message", async () => {
    const random = new SeededRandom(1);
    const { a, atB } = open({ latency: () => randomBelow(random, 100) });
    const sent = Array.from({ length: 50 }, (_, i) => String(i));
    for (const text of sent) a.send(ascii(text));
    a.close();
    await clock.advance(100);
    expect(atB.heard).toEqual([...sent, "<closed by the peer>"]);
  });
});

describe("the buffer", () => {
  test("is full at its bound, and drained when half of it has arrived", async () => {
    const { a, atA } = open({ bufferBytes: 4, latency: () => 10 });
    expect(a.send(ascii("aa"))).toBe(true);
    await clock.advance(5);
    expect(a.send(ascii("bb"))).toBe(false);
    expect(() => a.send(ascii("c"))).toThrow(/full/);
    await clock.advance(5);
    expect(atA.heard).toEqual(["<drained>"]);
    expect(a.send(ascii("c"))).toBe(true);
  });

  test("that drained before anyone listened is told then", async () => {
    const { a, b } = memoryDataChannel({ clock, bufferBytes: 2 });
    b.receive(new Listener());
    expect(a.send(ascii("aa"))).toBe(false);
    await clock.settle();
    const late = new Listener();
    a.receive(late);
    await clock.settle();
    expect(late.heard).toEqual(["<drained>"]);
  });
});

describe("before anyone listens", () => {
  test("16 messages wait", async () => {
    const { a, b } = memoryDataChannel({ clock });
    for (let i = 0; i < 16; i++) a.send(Uint8Array.of(65 + i));
    a.close();
    await clock.settle();
    const late = new Listener();
    b.receive(late);
    await clock.settle();
    expect(late.heard.join("")).toBe("ABCDEFGHIJKLMNOP<closed by the peer>");
  });

  test("the 17th closes the channel", async () => {
    const { a, b } = memoryDataChannel({ clock });
    const atA = new Listener();
    a.receive(atA);
    for (let i = 0; i < 17; i++) a.send(ascii("x"));
    await clock.settle();
    const late = new Listener();
    b.receive(late);
    await clock.settle();
    expect(late.heard).toEqual(["<too many messages before anyone listens>"]);
    expect(atA.heard).toEqual(["<closed by the peer>"]);
  });
});

describe("the end", () => {
  test("lets through what was sent before, and nothing of the other direction", async () => {
    const { a, b, atA, atB } = open();
    b.send(ascii("too late"));
    a.send(ascii("last"));
    a.close();
    expect(a.send(ascii("never"))).toBe(false);
    a.close();
    await clock.settle();
    b.close();
    await clock.settle();
    expect(atA.heard).toEqual(["<closed here>"]);
    expect(atB.heard).toEqual(["last", "<closed by the peer>"]);
  });

  test("within a message handler stops the messages behind it", async () => {
    const { a, b } = memoryDataChannel({ clock });
    const heard: string[] = [];
    for (const text of ["1", "2", "3"]) a.send(ascii(text));
    await clock.settle();
    b.receive({
      message: (bytes) => {
        heard.push(String.fromCharCode(...bytes));
        b.close();
      },
      drained: () => undefined,
      closed: (reason) => heard.push(reason),
    });
    await clock.settle();
    expect(heard).toEqual(["1", "closed here"]);
  });

  test("of a broken channel loses what is under way, at both ends", async () => {
    const { a, b, cut, atA, atB } = open({ latency: () => 10 });
    a.send(ascii("x"));
    b.send(ascii("y"));
    await clock.advance(5);
    cut("the other side is gone");
    await clock.advance(100);
    expect([atA.heard, atB.heard]).toEqual([["<the other side is gone>"], ["<the other side is gone>"]]);
  });
});

test("what sits in between can change, drop and see each message with its direction", async () => {
  const seen: string[] = [];
  const { a, b, atA, atB } = open({
    tamper: (message, direction) => {
      seen.push(direction);
      return direction === "a to b" ? ascii("changed") : message.length > 1 ? null : message;
    },
  });
  a.send(ascii("x"));
  b.send(ascii("dropped"));
  b.send(ascii("y"));
  await clock.settle();
  expect(atB.heard).toEqual(["changed"]);
  expect(atA.heard).toEqual(["y"]);
  expect(seen).toEqual(["a to b", "b to a", "b to a"]);
});

test.each([0, 16_385])("a message of %i bytes is the sender's mistake", (length) => {
  const { a } = open();
  expect(() => a.send(new Uint8Array(length))).toThrow(expect.objectContaining({ code: "usage" }) as Error);
});
