import { EventEmitter } from "node:events";
import { clientAddress } from "@tabor/signal-protocol";
import { describe, expect, it } from "vitest";
import { type PeerSocket, socketPort } from "./socket-port.ts";

/** A socket whose transport writes when the test says so. */
function stuckSocket() {
  const transport = Object.assign(new EventEmitter(), { writable: false });
  const sent: [string, unknown][] = [];
  const socket = {
    id: "x",
    handshake: { address: "127.0.0.1" },
    conn: { transport },
    emit: (event: string, payload: unknown) => sent.push([event, payload]) > 0,
  };
  return {
    sent,
    port: socketPort(socket as unknown as PeerSocket, false),
    write: (writable: boolean) => {
      transport.writable = writable;
      if (writable) transport.emit("ready");
    },
  };
}

describe("a peer that reads slowly", () => {
  it("is told of nothing before it has read what is under way", () => {
    const { port, sent, write } = stuckSocket();
    port.whenReady(() => {
      port.consensus({ kind: "whole", bytes: Uint8Array.of(1) });
    });
    expect(sent).toEqual([]);
    write(true);
    expect(sent).toEqual([["consensus", Uint8Array.of(1)]]);
    port.whenReady(() => {
      port.consensus({ kind: "difference", bytes: Uint8Array.of(2) });
    });
    expect(sent).toEqual([
      ["consensus", Uint8Array.of(1)],
      ["consensus-diff", Uint8Array.of(2)],
    ]);
  });

  it("gets no more than 64 signals that it has not read", () => {
    const { port, sent, write } = stuckSocket();
    const signal = { from: clientAddress(new Uint8Array(16)), blob: Uint8Array.of(1) };
    const taken = Array.from({ length: 100 }, () => port.signal(signal));
    expect(taken.filter(Boolean)).toHaveLength(64);
    expect(sent).toHaveLength(64);
    write(true);
    expect(port.signal(signal)).toBe(true);
  });
});
