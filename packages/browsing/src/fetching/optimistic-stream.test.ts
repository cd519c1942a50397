import { TaborError } from "@tabor/onion-core";
import { memoryDuplex, VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import type { OnionDuplex } from "../api.ts";
import { OptimisticStream } from "./optimistic-stream.ts";
import { bytesOf, latin1 } from "./testing/memory-web.ts";

const BROKEN = new TaborError("closed", "here", "given up");

function optimistic() {
  const [near, far] = memoryDuplex();
  const clock = new VirtualClock();
  const opened: (string | undefined)[] = [];
  let open: () => void = () => undefined;
  let fail: (error: TaborError) => void = () => undefined;
  const aborted: TaborError[] = [];
  const opening = new Promise<OnionDuplex>((resolve, reject) => {
    open = () => {
      resolve({
        read: () => near.read(),
        write: (bytes) => near.write(bytes),
        end: () => {
          near.end();
        },
        abort: (error) => aborted.push(error),
        circuit: { id: 1, state: { name: "open" }, hops: [], isolation: "x", streams: 1 },
      });
    };
    fail = reject;
  });
  const stream = new OptimisticStream((early) => {
    opened.push(early === undefined ? undefined : latin1(early));
    return opening;
  }, clock);
  return { clock, stream, far, opened, aborted, open, fail };
}

describe("a stream that opens with what is written first", () => {
  test("sends that along, and the rest after it", async () => {
    const { stream, far, opened, open } = optimistic();
    expect(stream.circuit).toBeUndefined();
    const writing = stream.write(bytesOf("hello"));
    open();
    await writing;
    await stream.write(bytesOf(" there"));
    expect(opened).toEqual(["hello"]);
    expect(latin1((await far.read()) ?? bytesOf(""))).toBe(" there");
    expect(stream.circuit?.id).toBe(1);
  });

  test("opens without it when told to", async () => {
    const { stream, far, opened, open } = optimistic();
    const opening = stream.open();
    open();
    await opening;
    await stream.write(bytesOf("hello"));
    expect(opened).toEqual([undefined]);
    expect(latin1((await far.read()) ?? bytesOf(""))).toBe("hello");
  });

  test("waits with reading until something is written", async () => {
    const { stream, far, opened, open } = optimistic();
    const reading = stream.read();
    await Promise.resolve();
    expect(opened).toEqual([]);
    void stream.write(bytesOf("q"));
    open();
    await far.write(bytesOf("a"));
    expect(latin1((await reading) ?? bytesOf(""))).toBe("a");
  });

  test("that cannot open breaks reading and writing", async () => {
    const { stream, fail } = optimistic();
    const both = Promise.allSettled([stream.read(), stream.write(bytesOf("x"))]);
    fail(BROKEN);
    for (const outcome of await both) expect(outcome).toMatchObject({ status: "rejected", reason: BROKEN });
  });

  test("given up while it opens breaks at once, and what opens later is closed", async () => {
    const { stream, open, aborted } = optimistic();
    const both = Promise.allSettled([stream.read(), stream.write(bytesOf("x"))]);
    stream.abort(BROKEN);
    for (const outcome of await both) expect(outcome).toMatchObject({ status: "rejected", reason: BROKEN });
    open();
    await new Promise(setImmediate);
    expect(aborted).toEqual([BROKEN]);
  });

  test("given up before it begins never opens", async () => {
    const { stream, opened } = optimistic();
    stream.abort(BROKEN);
    await expect(stream.write(bytesOf("x"))).rejects.toBe(BROKEN);
    await expect(stream.read()).rejects.toBe(BROKEN);
    expect(opened).toEqual([]);
  });

  test("that never opens breaks after its deadline", async () => {
    const { clock, stream } = optimistic();
    await expect(clock.until(stream.write(bytesOf("x")))).rejects.toMatchObject({ code: "timeout" });
    expect(clock.waiting).toBe(0);
  });
});
