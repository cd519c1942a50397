/** The client of the plain chain: times echoes to the last forwarder, and downloads from the site through all three. */
import type { DataChannel } from "@tabor/onion-core";
import { WARM_UP, type Measured, type MeasurePlan } from "./messages.ts";
import { onParent, tell } from "./parent.ts";
import { dial } from "./wire.ts";

const ECHO_LENGTH = 2048;
let heard: (bytes: Uint8Array) => void = () => undefined;

const channel = await dial("forwarder 1");
channel.receive({
  message: (bytes) => {
    heard(bytes);
  },
  drained: () => undefined,
  closed: () => process.exit(),
});
tell({ type: "links", count: 1 });
onParent("measure", ({ sitePort, plan }) => {
  void measure(sitePort, plan).then((result) => {
    tell({ type: "measured", result });
  });
});

async function measure(sitePort: number, plan: MeasurePlan): Promise<Measured> {
  const echoMs: number[] = [];
  for (let i = 0; i < plan.samples; i++)
    echoMs.push(await timed(() => exchange(channel, new Uint8Array(ECHO_LENGTH), ECHO_LENGTH)));
  const firstByteMs: number[] = [];
  for (let i = 0; i < plan.samples; i++) firstByteMs.push(await timed(() => download(sitePort, 1)));
  let mibps = 0;
  if (plan.bytes > 0) {
    await download(sitePort, plan.bytes / WARM_UP);
    const ms = await timed(() => download(sitePort, plan.bytes));
    mibps = plan.bytes / 1_048_576 / (ms / 1000);
  }
  return { mibps, echoMs, buildMs: [], firstByteMs };
}

function download(sitePort: number, bytes: number): Promise<void> {
  const request = new Uint8Array(8);
  const view = new DataView(request.buffer);
  view.setUint32(0, sitePort);
  view.setUint32(4, bytes);
  return exchange(channel, request, bytes);
}

/** Sends a message, and resolves when `length` bytes have come. */
function exchange(over: DataChannel, message: Uint8Array, length: number): Promise<void> {
  return new Promise((resolve) => {
    let left = length;
    heard = (bytes) => {
      left -= bytes.length;
      if (left <= 0) resolve();
    };
    over.send(message);
  });
}

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}
