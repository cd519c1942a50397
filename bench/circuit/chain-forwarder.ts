/**
 * One of three plain forwarders: passes messages of up to 16 KiB on, and does nothing else. The last one stands where
 * the exit stands: it echoes a short message, and takes a request to the site and its answer back.
 *
 *     chain-forwarder.ts NEXT     NEXT: the next forwarder's name, or "site"
 */
import { connect, type Socket } from "node:net";
import { MAX_MESSAGE_LENGTH, type DataChannel } from "@tabor/onion-core";
import { Valve } from "./valve.ts";
import { tell } from "./parent.ts";
import { answer, dial } from "./wire.ts";

const next = process.argv[2] ?? "";
const ECHO_LENGTH = 2048;

answer((channel) => {
  if (next === "site") serve(channel);
  else void forward(channel);
});

tell({ type: "links", count: 0 });

async function forward(previous: DataChannel): Promise<void> {
  const onward = await dial(next);
  const there = new Valve(onward);
  const back = new Valve(previous);
  previous.receive({
    message: (bytes) => {
      there.send(bytes);
    },
    drained: () => {
      back.drained();
    },
    closed: () => process.exit(),
  });
  onward.receive({
    message: (bytes) => {
      back.send(bytes);
    },
    drained: () => {
      there.drained();
    },
    closed: () => process.exit(),
  });
  tell({ type: "links", count: 2 });
}

function serve(previous: DataChannel): void {
  const back = new Valve(previous);
  let socket: Socket | undefined;
  const request = (bytes: Uint8Array): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    socket = connect({ host: "127.0.0.1", port: view.getUint32(0), noDelay: true });
    socket.write(bytes.subarray(4));
    socket.on("data", (data) => {
      for (let i = 0; i < data.length; i += MAX_MESSAGE_LENGTH)
        back.send(data.subarray(i, i + MAX_MESSAGE_LENGTH));
      if (!back.isOpen) socket?.pause();
    });
  };
  previous.receive({
    message: (bytes) => {
      if (bytes.length === ECHO_LENGTH) back.send(bytes);
      else request(bytes);
    },
    drained: () => {
      back.drained();
      if (back.isOpen) socket?.resume();
    },
    closed: () => process.exit(),
  });
  tell({ type: "links", count: 1 });
}
