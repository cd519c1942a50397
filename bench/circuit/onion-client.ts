/** The client of the measured network: builds circuits, opens fresh streams, downloads. */
import { OnionClient, silentLog, type ClientEvent, type ClientStream } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { nodePrimitives } from "../../apps/node/src/platform/node-primitives.ts";
import { receivedDirectory } from "./directory.ts";
import type { Measured, MeasurePlan } from "./messages.ts";
import { onParent, tell } from "./parent.ts";
import { throughput } from "./timing.ts";
import { dial } from "./wire.ts";

const client = new OnionClient({
  directory: receivedDirectory(),
  dialer: { dial: (entry) => dial(entry.descriptor.identity) },
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
onParent("measure", ({ sitePort, plan }) => {
  void measure(sitePort, plan).then((result) => {
    tell({ type: "measured", result });
  });
});

/** Bulk data comes first, as over the chain (chain-client.ts). */
async function measure(sitePort: number, plan: MeasurePlan): Promise<Measured> {
  const mibps = await throughput(plan.bytes, (bytes) => download(sitePort, bytes, "bulk"));
  buildMs.length = 0;
  for (let i = 0; i < plan.samples; i++) await useFreshCircuit(sitePort, `circuit ${String(i)}`);
  const built = [...buildMs];
  await download(sitePort, 1, "short");
  const firstByteMs: number[] = [];
  for (let i = 0; i < plan.samples; i++) firstByteMs.push(await firstByte(sitePort));
  return { mibps, echoMs: [], buildMs: built, firstByteMs };
}

/** Takes the clean circuit that is kept ready; the client then builds the next one, which is what is timed. */
async function useFreshCircuit(sitePort: number, isolation: string): Promise<void> {
  const before = buildMs.length;
  await download(sitePort, 1, isolation);
  client.newCircuitFor(isolation);
  while (buildMs.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Milliseconds from asking for a fresh stream to the first byte on it. */
async function firstByte(sitePort: number): Promise<number> {
  const started = performance.now();
  const stream = await request(sitePort, 1, "short");
  await stream.read();
  const ms = performance.now() - started;
  await drain(stream);
  return ms;
}

/** A fresh stream; the request travels with BEGIN. */
function request(sitePort: number, bytes: number, isolation: string): Promise<ClientStream> {
  const early = new Uint8Array(4);
  new DataView(early.buffer).setUint32(0, bytes);
  return client.openStream({ host: "127.0.0.1", port: sitePort }, { isolation, early });
}

/** Downloads over a fresh stream. */
async function download(sitePort: number, bytes: number, isolation: string): Promise<void> {
  const received = await drain(await request(sitePort, bytes, isolation));
  if (received !== bytes) throw new Error(`received ${String(received)} of ${String(bytes)} bytes`);
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
