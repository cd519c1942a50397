import { describe, expect, it } from "vitest";
import { Inbox } from "./inbox.ts";
import { MAX_STREAM_DATA } from "../cell/relay-message.ts";

/** Cell number `n`, of which every byte tells. */
function cell(n: number, length = MAX_STREAM_DATA): Uint8Array {
  return new Uint8Array(length).fill(n);
}

/** An inbox to which `count` full cells have come. */
function filled(count: number): Inbox {
  const inbox = new Inbox();
  for (let n = 0; n < count; n++) inbox.add(cell(n));
  return inbox;
}

describe("an inbox", () => {
  it("gives back what came, in order, in buffers of their own", async () => {
    const inbox = filled(100);
    inbox.finish(null);
    const lengths: number[] = [];
    let offset = 0;
    for (let taken = await inbox.take(); taken !== null; taken = await inbox.take()) {
      expect(taken.buffer.byteLength).toBe(taken.length);
      taken.forEach((byte, i) => {
        if (byte !== Math.floor((offset + i) / MAX_STREAM_DATA))
          throw new Error(`byte ${String(offset + i)}`);
      });
      offset += taken.length;
      lengths.push(taken.length / MAX_STREAM_DATA);
    }
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 32, 5]);
    expect(inbox.bytes).toBe(0);
  });

  it("hands out as much at once as the reader took last, and little again once little comes", async () => {
    const inbox = filled(15);
    for (let i = 0; i < 4; i++) await inbox.take();
    for (let n = 0; n < 8; n++) inbox.add(cell(n));
    expect((await inbox.take())?.length).toBe(8 * MAX_STREAM_DATA);
    inbox.add(cell(1, 10));
    expect((await inbox.take())?.length).toBe(10);
    inbox.add(cell(1, 10));
    expect(inbox.bytes).toBe(MAX_STREAM_DATA);
  });

  it("puts small pieces together, and no more than 32 cells", async () => {
    const inbox = new Inbox();
    for (let n = 0; n < 40; n++) inbox.add(cell(n, 3));
    expect((await inbox.take())?.length).toBe(96);
    expect((await inbox.take())?.length).toBe(24);
  });

  it("counts what waits, whatever the pieces are", async () => {
    const inbox = new Inbox();
    for (let n = 0; n < 100; n++) inbox.add(cell(n, 1 + 19 * n));
    let left = 100 + 19 * 4950;
    while (left > 0) {
      expect(inbox.queued).toBe(left);
      left -= (await inbox.take())?.length ?? 0;
    }
    expect(inbox.queued).toBe(0);
  });

  it("holds at most twice what waits, and a block", () => {
    for (let count = 1; count <= 1000; count += 7) {
      expect(filled(count).bytes).toBeLessThanOrEqual((2 * count + 32) * MAX_STREAM_DATA);
    }
  });
});
