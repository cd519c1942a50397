/** The client of the measured network: builds circuits, opens fresh streams, downloads and uploads: `onion-client.ts [two-legs]`. */
import { OnionClient, silentLog, TaborError, type ClientEvent, type ClientStream } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { nodePrimitives } from "../../apps/node/src/platform/node-primitives.ts";
import { receivedDirectory } from "./directory.ts";
import type { SitePorts, Task } from "./messages.ts";
import { nodeWire } from "./node-wire.ts";
import { onTask, tell } from "./parent.ts";
import { pause, timed } from "./timing.ts";
import { type Transfer, transferRequest } from "../lib/transfer.ts";

const ONE_BYTE: Transfer = { down: 1, up: 0 };
const BLOCK = new Uint8Array(65_536).fill(0x5a);
const ECHO_LENGTH = 64;
const ECHO_PAUSE_MS = 10;
/** Of each bulk download, before anything is measured beside it. */
const STRIDE = 262_144;

const twoLegs = process.argv[2] === "two-legs";
const client = new OnionClient({
  twoLegs,
  directory: receivedDirectory(),
  dialer: { dial: (entry) => nodeWire.dial(entry.descriptor.identity) },
  guards: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
  primitives: nodePrimitives,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
});
const buildMs: number[] = [];
client.subscribe(buildTimes(buildMs));
client.subscribe((event) => {
  if (event.type === "status" && event.status.stage === "ready") tell({ type: "links", count: 1 });
});
onTask(run);

async function run(task: Task, site: SitePorts): Promise<readonly number[]> {
  switch (task.kind) {
    case "transfer":
      return [(await transferAtOnce(task, site)) / 1000];
    case "build":
      return buildTimesOf(task.samples, site);
    case "firstByte":
      await transferOver("short", ONE_BYTE, site);
      return timedFirstBytes(task.samples, site);
    case "interactive":
      return interactive(task, site);
    case "echo":
      throw new Error("echoes are for the plain chain");
  }
}

/** Milliseconds from the first stream's opening to the last one's end; circuits are built before. */
async function transferAtOnce(task: Task & { kind: "transfer" }, site: SitePorts): Promise<number> {
  const names = Array.from({ length: task.streams }, (_, i) => `bulk ${i}`);
  await Promise.all(names.map((name) => transferOver(name, ONE_BYTE, site)));
  return timed(() => Promise.all(names.map((name) => transferOver(name, task.transfer, site))));
}

/** Takes the clean circuit that is kept ready, again and again; the client then builds the next one, which is what is timed. */
async function buildTimesOf(samples: number, site: SitePorts): Promise<readonly number[]> {
  buildMs.length = 0;
  for (let i = 0; i < samples; i++) {
    const before = buildMs.length;
    const isolation = `circuit ${i}`;
    await transferOver(isolation, ONE_BYTE, site);
    client.newCircuitFor(isolation);
    while (buildMs.length === before) await pause(5);
  }
  return [...buildMs];
}

async function timedFirstBytes(samples: number, site: SitePorts): Promise<number[]> {
  const ms: number[] = [];
  for (let i = 0; i < samples; i++) {
    const started = performance.now();
    const stream = await request("short", ONE_BYTE, site);
    await stream.read();
    ms.push(performance.now() - started);
    await drain(stream);
  }
  return ms;
}

/** Echoes of a keystroke's size, at a person's leisure rather than the network's pace. */
async function interactive(
  { samples, bulk }: Task & { kind: "interactive" },
  site: SitePorts,
): Promise<readonly number[]> {
  const stream = await client.openStream(
    { host: "127.0.0.1", port: site.echo },
    { isolation: "interactive" },
  );
  await echo(stream);
  const ended = new TaborError("aborted", "here", "enough was measured");
  const bulky = await Promise.all(Array.from({ length: bulk }, (_, i) => endless(`beside ${i}`, site)));
  try {
    const ms: number[] = [];
    for (let i = 0; i < samples; i++) {
      ms.push(await timed(() => echo(stream)));
      await pause(ECHO_PAUSE_MS);
    }
    return ms;
  } finally {
    for (const one of [...bulky, stream]) one.abort(ended);
  }
}

async function echo(stream: ClientStream): Promise<void> {
  await stream.write(new Uint8Array(ECHO_LENGTH));
  for (let received = 0; received < ECHO_LENGTH;) {
    const bytes = await stream.read();
    if (bytes === null) throw new Error("the site ended the echoes");
    received += bytes.length;
  }
}

/** A download that has come into its stride, and goes on until the stream is aborted. */
async function endless(isolation: string, site: SitePorts): Promise<ClientStream> {
  const stream = await request(isolation, { down: 0xffff_ffff, up: 0 }, site);
  for (let received = 0; received < STRIDE;) received += (await stream.read())?.length ?? Infinity;
  drain(stream).catch(() => undefined);
  return stream;
}

/** A fresh stream; the request travels with BEGIN. */
function request(isolation: string, transfer: Transfer, site: SitePorts): Promise<ClientStream> {
  const target = { host: "127.0.0.1", port: site.transfer };
  return client.openStream(target, { isolation, early: transferRequest(transfer) });
}

async function transferOver(isolation: string, transfer: Transfer, site: SitePorts): Promise<void> {
  const stream = await request(isolation, transfer, site);
  if (twoLegs && stream.circuit.secondLeg === undefined) throw new Error("the circuit has one leg");
  const received = drain(stream);
  for (let left = transfer.up; left > 0; left -= BLOCK.length)
    await stream.write(BLOCK.subarray(0, Math.min(left, BLOCK.length)));
  const length = await received;
  if (length !== transfer.down) throw new Error(`received ${length} of ${transfer.down} bytes`);
}

async function drain(stream: ClientStream): Promise<number> {
  let received = 0;
  for (let data = await stream.read(); data !== null; data = await stream.read()) received += data.length;
  stream.end();
  return received;
}

/** Times every circuit from its first cell to its last hop. */
function buildTimes(into: number[]): (event: ClientEvent) => void {
  const startedAt = new Map<number, number>();
  const done = new Set<number>();
  return (event) => {
    if (event.type !== "circuits") return;
    for (const { id, state } of event.circuits) {
      const started = startedAt.get(id);
      if (started === undefined) startedAt.set(id, performance.now());
      else if (state.name === "open" && !done.has(id)) {
        done.add(id);
        into.push(performance.now() - started);
      }
    }
  };
}
