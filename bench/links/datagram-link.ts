/**
 * One long or lossy link between two WebRTC peers on this machine, in a process of its own. Each peer is shown a stand-in's port
 * in place of the other's: what a peer sends to its stand-in leaves later from the stand-in of that peer, so that both
 * see the addresses that they expect.
 *
 *     datagram-link.ts DELAY-MS LOSS
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { seenDescription } from "./candidates.ts";
import { isLost, type LinkQuality } from "./link-quality.ts";
import type { Description } from "../circuit/messages.ts";
import { DelayLine } from "../lib/delay-line.ts";

const [delayMs = 0, loss = 0] = process.argv.slice(2).map(Number);
const quality: LinkQuality = { delayMs, loss };

/** Talks with the one who offers, and with the one who answers, each in the name of the other. */
const [toOfferer, toAnswerer] = await Promise.all([standIn(), standIn()]);
carry(toOfferer, toAnswerer);
carry(toAnswerer, toOfferer);

process.on("message", (description: Description) => {
  void seen(description);
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function seen({ kind, id, sdp }: Description): Promise<void> {
  const [own, other] = kind === "offer" ? [toOfferer, toAnswerer] : [toAnswerer, toOfferer];
  const { port, withPort } = seenDescription(sdp);
  own.connect(port, "127.0.0.1");
  await once(own, "connect");
  const shown: Description = { kind, id, sdp: withPort(other.address().port) };
  process.send?.(shown);
}

async function standIn(): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 });
  // A peer that has ended refuses datagrams.
  socket.on("error", () => undefined);
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

function carry(from: Socket, to: Socket): void {
  const line = new DelayLine();
  from.on("message", (datagram) => {
    if (isLost(quality, line.length, Math.random())) return;
    line.add(performance.now() + quality.delayMs, () => {
      if (isConnected(to)) to.send(datagram);
    });
  });
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}
