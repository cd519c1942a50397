import { expect, it } from "vitest";
import { HeldByExit } from "./held-by-exit.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import { TaborError } from "../errors.ts";
import { QueueMemory } from "../memory/queue-memory.ts";
import type { ExitConnection } from "../stream/exit-port.ts";
import { failure } from "../scenarios/support.ts";

const READ_AHEAD = 65_536;
const target = { host: "site.test", port: 80 };

/** A connection whose reads and writes are answered by hand. */
function byHand() {
  const reads: ((bytes: Uint8Array | null) => void)[] = [];
  const writes: { done: () => void; fail: (error: TaborError) => void }[] = [];
  const broken = { by: undefined as TaborError | undefined };
  const connection: ExitConnection = {
    address: Uint8Array.of(192, 0, 2, 1),
    ttl: 60,
    read: () => new Promise((resolve) => reads.push(resolve)),
    write: () => new Promise((done, fail) => writes.push({ done, fail })),
    end: () => undefined,
    abort: (error) => (broken.by = error),
  };
  return { connection, reads, writes, broken };
}

function holding(connect: () => Promise<ExitConnection>, memory: QueueMemory) {
  const connector = { connect, resolve: () => Promise.resolve([]) };
  const held = new HeldByExit({ connector, fetcher: undefined }, memory);
  const counted = held.ports.connector ?? connector;
  return { held, connect: () => counted.connect(target, ANY_ADDRESS, new AbortController().signal) };
}

async function scene() {
  const memory = new QueueMemory(Infinity);
  const site = byHand();
  const { held, connect } = holding(() => Promise.resolve(site.connection), memory);
  const connection = await connect();
  const { reads, writes, broken } = site;
  return { memory, held, connection, reads, writes, broken };
}

const closed = new TaborError("closed", "here", "done");

it("a connection that is there and carries nothing holds nothing", async () => {
  const { memory, held } = await scene();
  expect([memory.bytes, held.oldest]).toEqual([0, Infinity]);
});

it("what was read is held until more is asked for, with what the socket reads meanwhile", async () => {
  const { memory, held, connection, reads } = await scene();
  const first = connection.read();
  expect(memory.bytes).toBe(0);
  reads.shift()?.(new Uint8Array(1000));
  await first;
  expect(memory.bytes).toBe(1000 + READ_AHEAD);
  expect(held.oldest).toBeLessThan(Infinity);
  const second = connection.read();
  expect(memory.bytes).toBe(0);
  reads.shift()?.(null);
  expect(await second).toBeNull();
  expect([memory.bytes, held.oldest]).toEqual([0, Infinity]);
});

it("what is written is held until the site has taken it, or never will", async () => {
  const { memory, held, connection, writes } = await scene();
  const first = connection.write(new Uint8Array(1000));
  expect(memory.bytes).toBe(1000);
  memory.add(200_000);
  expect(held.oldest).toBeLessThan(memory.add(0));
  memory.subtract(200_000);
  writes.shift()?.done();
  await first;
  expect(memory.bytes).toBe(0);
  const second = failure(connection.write(new Uint8Array(500)));
  writes.shift()?.fail(closed);
  await second;
  expect([memory.bytes, held.oldest]).toEqual([0, Infinity]);
});

it("who breaks the connection frees what it holds at once, and only once", async () => {
  const { memory, connection, reads, writes, broken } = await scene();
  const read = connection.read();
  reads.shift()?.(new Uint8Array(1000));
  await read;
  const writing = failure(connection.write(new Uint8Array(500)));
  expect(memory.bytes).toBe(1500 + READ_AHEAD);
  connection.abort(closed);
  expect(memory.bytes).toBe(0);
  expect(broken.by).toBe(closed);
  writes.shift()?.fail(closed);
  await writing;
  expect(memory.bytes).toBe(0);
});

it("what was under way from the site when the connection was broken is not held", async () => {
  const { memory, connection, reads } = await scene();
  const read = connection.read();
  connection.abort(closed);
  reads.shift()?.(new Uint8Array(1000));
  await read;
  expect(memory.bytes).toBe(0);
});

it("a connection that does not come about is as old as the wish, until it fails", async () => {
  const memory = new QueueMemory(Infinity);
  const pending: { fail: (error: Error) => void } = { fail: () => undefined };
  const { held, connect } = holding(() => new Promise((_, fail) => (pending.fail = fail)), memory);
  const outcome = failure(connect());
  expect(held.oldest).toBeLessThan(Infinity);
  pending.fail(closed);
  await outcome;
  expect(held.oldest).toBe(Infinity);
});
