import type { Socket } from "node:net";
import { SocksClient } from "socks";
import { pour } from "../lib/pour.ts";
import { type Transfer, transferRequest } from "../lib/transfer.ts";

/** A proxy that has shown nothing for so long has failed. */
const PATIENCE_MS = 60_000;

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Times, in milliseconds since the stream was asked for. */
export interface TransferTimes {
  readonly firstByte: number;
  readonly end: number;
}

/** Streams through a SOCKS 5 proxy; names are for its exits to resolve. */
export class ProxyClient {
  readonly #proxy: Target;
  readonly #site: Target;

  constructor(proxy: Target, site: Target) {
    this.#proxy = proxy;
    this.#site = site;
  }

  /**
   * Transfers over a fresh stream.
   * @param isolation user name and password: streams with different ones are never in one circuit.
   * @throws Error if it ends early, or nothing comes for a minute.
   */
  async transfer(transfer: Transfer, isolation: string): Promise<TransferTimes> {
    const began = performance.now();
    const { socket } = await SocksClient.createConnection({
      command: "connect",
      proxy: { ...this.#proxy, type: 5, userId: isolation, password: isolation },
      destination: this.#site,
      timeout: PATIENCE_MS,
      set_tcp_nodelay: true,
    });
    try {
      const received = receive(socket, transfer.down);
      socket.write(transferRequest(transfer));
      pour(socket, transfer.up);
      const { firstByte, end } = await received;
      return { firstByte: firstByte - began, end: end - began };
    } finally {
      socket.destroy();
    }
  }
}

/** When the first and the last of so many bytes came. */
function receive(socket: Socket, length: number): Promise<TransferTimes> {
  return new Promise((resolve, reject) => {
    let [firstByte, received] = [0, 0];
    socket.setTimeout(PATIENCE_MS, () => {
      reject(new Error(`nothing came through the proxy for ${PATIENCE_MS / 1000} s`));
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error(`the proxy ended a stream after ${received} of ${length} bytes`));
    });
    socket.on("data", (data) => {
      if (received === 0) firstByte = performance.now();
      received += data.length;
      if (received >= length) resolve({ firstByte, end: performance.now() });
    });
    socket.resume();
  });
}
