/**
 * One of three plain forwarders in a process of its own. The last one stands where the exit stands: it echoes a short message, and
 * takes a request to the site and its answer back.
 *
 *     chain-forwarder.ts NEXT     NEXT: the next forwarder's name, or "site"
 */
import { connect, type Socket } from "node:net";
import { MAX_MESSAGE_LENGTH, type DataChannel } from "@tabor/onion-core";
import { ECHO_LENGTH, readSiteRequest } from "./chain-protocol.ts";
import { forward } from "./forward.ts";
import { nodeWire } from "./node-wire.ts";
import { tell } from "./parent.ts";
import { Valve } from "./valve.ts";

const next = process.argv[2] ?? "";

nodeWire.answer((channel) => {
  if (next === "site") serve(channel);
  else void forward(channel, nodeWire.dial(next), () => process.exit());
});
tell({ type: "links", count: 0 });

function serve(previous: DataChannel): void {
  const back = new Valve(previous);
  let socket: Socket | undefined;
  /** Of an upload, bytes that are still to come. */
  let awaited = 0;
  const request = (bytes: Uint8Array): void => {
    const { port, transfer } = readSiteRequest(bytes);
    awaited = transfer.up;
    socket = connect({ host: "127.0.0.1", port, noDelay: true });
    socket.write(bytes.subarray(4));
    socket.on("data", (data) => {
      for (let i = 0; i < data.length; i += MAX_MESSAGE_LENGTH)
        back.send(data.subarray(i, i + MAX_MESSAGE_LENGTH));
      if (!back.isOpen) socket?.pause();
    });
  };
  previous.receive({
    message: (bytes) => {
      if (awaited > 0) {
        awaited -= bytes.length;
        socket?.write(bytes);
      } else if (bytes.length === ECHO_LENGTH) back.send(bytes);
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
