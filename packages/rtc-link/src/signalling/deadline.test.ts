import { VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, it } from "vitest";
import { pause, within } from "./deadline.ts";

const never = new Promise<never>(() => undefined);

describe("within", () => {
  it("gives what the work gives, and leaves nothing behind", async () => {
    const clock = new VirtualClock();
    const options = {
      clock,
      ms: 1000,
      where: "link",
      what: "it",
      signal: new AbortController().signal,
    } as const;
    expect(await within(Promise.resolve(7), options)).toBe(7);
    await expect(within(Promise.reject(new Error("no")), options)).rejects.toThrow("no");
    expect(clock.waiting).toBe(0);
  });

  it("fails at the deadline, not before", async () => {
    const clock = new VirtualClock();
    let isOver = false;
    const work = within(never, { clock, ms: 1000, where: "relay", what: "the relay's answer" });
    const outcome = work.catch((error: unknown) => ((isOver = true), error));
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await outcome).toMatchObject({
      code: "timeout",
      where: "relay",
      message: "no sign of the relay's answer within 1 s",
    });
  });

  it("fails when it is withdrawn, also before it begins", async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const options = { clock, ms: 1000, where: "link", what: "it", signal: abort.signal } as const;
    const work = within(never, options);
    abort.abort();
    await expect(work).rejects.toMatchObject({ code: "aborted" });
    await expect(within(never, options)).rejects.toMatchObject({ code: "aborted" });
    expect(clock.waiting).toBe(0);
  });
});

describe("pause", () => {
  it("ends by time or by withdrawal", async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    await clock.until(pause(clock, 500, abort.signal));
    expect(clock.monotonic()).toBe(500);
    const rest = pause(clock, 500, abort.signal);
    abort.abort();
    await rest;
    await pause(clock, 500, abort.signal);
    expect(clock.monotonic()).toBe(500);
    expect(clock.waiting).toBe(0);
  });
});
