import type { DirectoryEvents, PeerEvents } from "@tabor/signal-protocol";
import type { Socket } from "socket.io";
import type { PeerPort } from "../directory/peer-port.ts";

export type PeerSocket = Socket<PeerEvents, DirectoryEvents>;

/** Signals kept for a peer that does not read; an honest one reads each within a moment. */
export const MAX_UNSENT = 64;

const EVENTS = { whole: "consensus", difference: "consensus-diff" } as const;

/** A peer's Socket.IO connection. @param isShared whether other brokers' peers reach it, in the room of its address. */
export function socketPort(socket: PeerSocket, isShared: boolean): PeerPort {
  return {
    connectionId: socket.id,
    remoteAddress: socket.handshake.address,
    challenge: (challenge) => void socket.emit("challenge", challenge),
    joined: (address) => {
      if (isShared) void socket.join(address);
    },
    consensus: ({ kind, bytes }) => void socket.emit(EVENTS[kind], bytes),
    whenReady: whenWritable(socket),
    signal: unlessStuck(socket),
    close: () => void socket.disconnect(true),
  };
}

function whenWritable(socket: PeerSocket): PeerPort["whenReady"] {
  const { transport } = socket.conn;
  return (then) => {
    if (transport.writable) then();
    else transport.once("ready", then);
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
