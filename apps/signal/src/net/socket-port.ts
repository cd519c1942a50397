import type { DirectoryEvents, PeerEvents } from "@tabor/signal-protocol";
import type { Socket } from "socket.io";
import type { PeerPort } from "../directory/peer-port.ts";

export type PeerSocket = Socket<PeerEvents, DirectoryEvents>;

/** Signals kept for a peer that does not read; an honest one reads each within a moment. */
const MAX_UNSENT = 64;

/** A peer's Socket.IO connection. */
export function socketPort(socket: PeerSocket): PeerPort {
  return {
    connectionId: socket.id,
    remoteAddress: socket.handshake.address,
    challenge: (challenge) => void socket.emit("challenge", challenge),
    consensus: newestOnly(socket),
    signal: unlessStuck(socket),
    close: () => void socket.disconnect(true),
  };
}

/** Keeps back what is newer until what is under way has been written: only the newest waits. */
function newestOnly(socket: PeerSocket): PeerPort["consensus"] {
  const { transport } = socket.conn;
  let newest: Uint8Array | undefined;
  const send = (): void => {
    if (newest) socket.emit("consensus", newest);
    newest = undefined;
  };
  return (consensus) => {
    const isWaiting = newest !== undefined;
    newest = consensus;
    if (isWaiting) return;
    if (transport.writable) send();
    else transport.once("ready", send);
  };
}

function unlessStuck(socket: PeerSocket): PeerPort["signal"] {
  const { transport } = socket.conn;
  let unsent = 0;
  transport.on("ready", () => {
    unsent = 0;
  });
  return (signal) => {
    if (!transport.writable) unsent++;
    return unsent <= MAX_UNSENT && socket.emit("signal", signal);
  };
}
