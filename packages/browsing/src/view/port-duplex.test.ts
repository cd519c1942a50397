import { TaborError } from "@tabor/onion-core";
import { afterEach, describe, expect, it } from "vitest";
import { PortDuplex } from "./port-duplex.ts";

const opened: MessagePort[] = [];

function channel(): [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  return [port1, port2];
}

function pair(): [PortDuplex, PortDuplex] {
  const [one, other] = channel();
  return [new PortDuplex(one), new PortDuplex(other)];
}

afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

async function readAll(stream: PortDuplex): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) pieces.push(piece);
  return pieces;
}

/** Whether a promise is settled once every message that is under way has arrived. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => (isSettled = true));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  return isSettled;
}

describe("a stream over a port", () => {
  it("carries bytes both ways, and ends each on its own", async () => {
    const [a, b] = pair();
    const sent = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 7);
    const received = readAll(b);
    await a.write(sent);
    a.end();
    const whole = Buffer.concat(await received);
    expect(whole.equals(sent)).toBe(true);
    const back = readAll(a);
    await b.write(Uint8Array.of(1, 2));
    b.end();
    expect(Buffer.concat(await back)).toEqual(Buffer.of(1, 2));
  });

  it("sends nothing before it is read, and then no more than a window ahead", async () => {
    const [a, b] = pair();
    const writing = a.write(new Uint8Array(2_000_000));
    expect(await settled(writing)).toBe(false);
    await b.read();
    expect(await settled(writing)).toBe(false);
    let length = 0;
    while (length + (1 << 18) < 2_000_000) length += (await b.read())?.length ?? 0;
    await writing;
  });

  it("breaks at both ends with what it was aborted with", async () => {
    const [a, b] = pair();
    const reading = b.read();
    const writing = b.write(Uint8Array.of(1));
    a.abort(new TaborError("refused", "site", "no"));
    await expect(reading).rejects.toMatchObject({ code: "refused", where: "site", message: "no" });
    await expect(writing).rejects.toMatchObject({ code: "refused" });
    await expect(a.read()).rejects.toMatchObject({ code: "refused" });
  });

  it("breaks when the other end is gone", async () => {
    const [one, other] = channel();
    const stream = new PortDuplex(one);
    const reading = stream.read();
    other.close();
    await expect(reading).rejects.toMatchObject({ code: "closed" });
  });

  it("hands messages of other kinds to whoever takes them", async () => {
    const [one, other] = channel();
    const heard = new Promise((resolve) => {
      new PortDuplex(one, (message) => {
        resolve(message);
        return true;
      });
    });
    other.postMessage({ type: "hello" });
    expect(await heard).toEqual({ type: "hello" });
  });

  it.each([
    ["a message that makes no sense", { type: "data", bytes: "text" }],
    ["a stray message", 17],
    ["credit below one", { type: "credit", bytes: 0 }],
    ["bytes that were not asked for", { type: "data", bytes: new Uint8Array(300_000) }],
  ])("breaks on %s", async (_what, message) => {
    const [one, other] = channel();
    const stream = new PortDuplex(one);
    const reading = stream.read();
    other.postMessage(message);
    await expect(reading).rejects.toBeInstanceOf(TaborError);
  });
});
