import { describe, expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";
import { subtle } from "../crypto/subtle.ts";

describe("timers", () => {
  test("run when they are due, in order, and see the time they were due at", async () => {
    const clock = new VirtualClock(1000);
    const seen: [string, number, number][] = [];
    const note = (name: string) => () => seen.push([name, clock.now(), clock.monotonic()]);
    clock.after(30, note("third"));
    clock.after(10, note("first"));
    clock.after(20, note("second"));
    clock.after(20, note("second too"));
    await clock.advance(25);
    expect(seen).toEqual([
      ["first", 1010, 10],
      ["second", 1020, 20],
      ["second too", 1020, 20],
    ]);
    expect(clock.monotonic()).toBe(25);
    await clock.advance(5);
    expect(seen.at(-1)).toEqual(["third", 1030, 30]);
    expect(clock.waiting).toBe(0);
  });

  test("that timers set run in the same advance if they are due in it", async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const tick = () => {
      seen.push(clock.monotonic());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advance(35);
    expect(seen).toEqual([10, 20, 30]);
  });

  test("do not run once cancelled; cancelling twice, or after it ran, does nothing", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const cancel = clock.after(10, () => seen.push("cancelled"));
    const late = clock.after(5, () => seen.push("ran"));
    clock.after(10, () => seen.push("other"));
    cancel();
    cancel();
    await clock.advance(20);
    late();
    expect(seen).toEqual(["ran", "other"]);
  });

  test("can cancel each other at the same moment", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(10, () => {
      cancelSecond();
    });
    const cancelSecond = clock.after(10, () => seen.push("second"));
    await clock.advance(10);
    expect(seen).toEqual([]);
  });

  test.each([-1, NaN, Infinity])("take no %d milliseconds", (ms) => {
    expect(() => new VirtualClock().after(ms, () => undefined)).toThrow(/length of time/);
  });
});

describe("before a timer runs, what was ready has run:", () => {
  test("promises", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(1, () => seen.push("timer"));
    void (async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push("promises");
    })();
    await clock.advance(1);
    expect(seen).toEqual(["promises", "timer"]);
  });

  test("WebCrypto, one operation after another", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(1, () => seen.push("timer"));
    void (async () => {
      let digest = new Uint8Array(100_000);
      for (let i = 0; i < 20; i++) digest = new Uint8Array(await subtle.digest("SHA-256", digest));
      seen.push("crypto");
    })();
    await clock.advance(1);
    expect(seen).toEqual(["crypto", "timer"]);
  });

  test("WebCrypto that fails", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    subtle.importKey("raw", new Uint8Array(3), "X25519", false, []).catch(() => seen.push("refused"));
    await clock.settle();
    expect(seen).toEqual(["refused"]);
  });

  test("soon, and what it asks for soon", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(0, () => seen.push("timer"));
    clock.soon(() => {
      seen.push("first");
      clock.soon(() => seen.push("third"));
    });
    clock.soon(() => seen.push("second"));
    expect(seen).toEqual([]);
    await clock.advance(0);
    expect(seen).toEqual(["first", "second", "third", "timer"]);
  });
});

test("soon runs after the promises of this turn, whether time passes or not", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    clock.soon(() => {
      seen.push("soon");
      resolve();
    });
    void Promise.resolve().then(() => seen.push("promise"));
  });
  expect(seen).toEqual(["promise", "soon"]);
});

describe("until", () => {
  test("passes only the time that the promise needs", async () => {
    const clock = new VirtualClock();
    const promise = new Promise((resolve) =>
      clock.after(5000, () => clock.after(500, () => resolve("done"))),
    );
    clock.after(9000, () => undefined);
    expect(await clock.until(promise)).toBe("done");
    expect(clock.monotonic()).toBe(5500);
  });

  test("throws what the promise rejects with", async () => {
    const clock = new VirtualClock();
    const promise = new Promise((_, reject) => clock.after(10, () => reject(new Error("broken"))));
    await expect(clock.until(promise)).rejects.toThrow("broken");
  });

  test("gives up when nothing is left that could settle it", async () => {
    const clock = new VirtualClock();
    clock.after(10, () => undefined);
    await expect(clock.until(new Promise(() => undefined))).rejects.toMatchObject({ code: "timeout" });
  });

  test("gives up on a promise that a repeating timer never settles", async () => {
    const clock = new VirtualClock();
    const tick = () => void clock.after(60_000, tick);
    tick();
    await expect(clock.until(new Promise(() => undefined))).rejects.toMatchObject({ code: "timeout" });
  });
});

test("time passes once at a time", async () => {
  const clock = new VirtualClock();
  const passing = clock.advance(10);
  await expect(clock.advance(10)).rejects.toMatchObject({ code: "usage" });
  await passing;
  await clock.advance(10);
  expect(clock.monotonic()).toBe(20);
});
