/** The client of the plain chain: times echoes to the last forwarder, and downloads from the site through all three. */
import type { DataChannel } from "@tabor/onion-core";
import type { Measured, MeasurePlan } from "./messages.ts";
import { onParent, tell } from "./parent.ts";
import { throughput, timed } from "./timing.ts";
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

/** Bulk data comes first: what it compiles is what the short exchanges then run on, as in a relay that has been up for a while. */
async function measure(sitePort: number, plan: MeasurePlan): Promise<Measured> {
  const mibps = await throughput(plan.bytes, (bytes) => download(sitePort, bytes));
  const echoMs: number[] = [];
  for (let i = 0; i < plan.samples; i++)
    echoMs.push(await timed(() => exchange(channel, new Uint8Array(ECHO_LENGTH), ECHO_LENGTH)));
  const firstByteMs: number[] = [];
  for (let i = 0; i < plan.samples; i++) firstByteMs.push(await timed(() => download(sitePort, 1)));
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
