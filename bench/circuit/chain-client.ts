/** The client of the plain chain: times echoes to the last forwarder, and downloads and uploads through all three. */
import { MAX_MESSAGE_LENGTH } from "@tabor/onion-core";
import { ECHO_LENGTH, siteRequest } from "./chain-protocol.ts";
import type { SitePorts, Task } from "./messages.ts";
import { nodeWire } from "./node-wire.ts";
import { onTask, tell } from "./parent.ts";
import { timed, timedEach } from "./timing.ts";
import type { Transfer } from "../lib/transfer.ts";

const BLOCK = new Uint8Array(MAX_MESSAGE_LENGTH).fill(0x5a);
let heard: (bytes: Uint8Array) => void = () => undefined;
let roomAgain: () => void = () => undefined;

const channel = await nodeWire.dial("forwarder 1");
channel.receive({
  message: (bytes) => {
    heard(bytes);
  },
  drained: () => {
    roomAgain();
  },
  closed: () => process.exit(),
});
tell({ type: "links", count: 1 });
onTask(run);

async function run(task: Task, site: SitePorts): Promise<readonly number[]> {
  switch (task.kind) {
    case "transfer":
      if (task.streams !== 1) throw new Error("a plain chain carries one transfer at a time");
      return [(await timed(() => exchange(site, task.transfer))) / 1000];
    case "echo":
      return timedEach(task.samples, echo);
    case "firstByte":
      return timedEach(task.samples, () => exchange(site, { down: 1, up: 0 }));
    case "build":
    case "interactive":
      throw new Error("a plain chain has no circuits");
  }
}

function echo(): Promise<void> {
  const answered = receive(ECHO_LENGTH);
  channel.send(new Uint8Array(ECHO_LENGTH));
  return answered;
}

async function exchange(site: SitePorts, transfer: Transfer): Promise<void> {
  const answered = receive(transfer.down);
  channel.send(siteRequest({ port: site.transfer, transfer }));
  await send(transfer.up);
  await answered;
}

async function send(bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= BLOCK.length) {
    const hasRoom = channel.send(BLOCK.subarray(0, Math.min(left, BLOCK.length)));
    if (!hasRoom) await new Promise<void>((resolve) => (roomAgain = resolve));
  }
}

function receive(length: number): Promise<void> {
  return new Promise((resolve) => {
    let left = length;
    heard = (bytes) => {
      left -= bytes.length;
      if (left <= 0) resolve();
    };
  });
}
