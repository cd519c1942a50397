import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

/** What a connection to the site is for. */
export interface Transfer {
  /** Bytes that the site sends, once it has received all; at most 2^32 − 1, as of the next. */
  readonly down: number;
  /** Bytes that the site waits for. */
  readonly up: number;
}

export interface TransferSite {
  readonly port: number;
  close(): void;
}

const REQUEST_LENGTH = 8;
const BLOCK = Buffer.alloc(65_536, 0x5a);

/** What a connection begins with: `down` and `up` as u32. */
export function transferRequest({ down, up }: Transfer): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(REQUEST_LENGTH);
  const view = new DataView(request.buffer);
  view.setUint32(0, down);
  view.setUint32(4, up);
  return request;
}

/** @param request begins with what `transferRequest` makes. */
export function readTransfer(request: Uint8Array): Transfer {
  const view = new DataView(request.buffer, request.byteOffset);
  return { down: view.getUint32(0), up: view.getUint32(4) };
}

/** A site that takes and gives as many bytes as it is asked for, then ends the connection. @param port 0: any free one. */
export async function listenTransferSite(host: string, port = 0): Promise<TransferSite> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function serve(socket: Socket): void {
  let head: Buffer | undefined = Buffer.alloc(0);
  let left = 0;
  let down = 0;
  socket.on("data", (data) => {
    let taken = data.length;
    if (head !== undefined) {
      head = Buffer.concat([head, data]);
      if (head.length < REQUEST_LENGTH) return;
      const transfer = readTransfer(head);
      ({ up: left, down } = transfer);
      taken = head.length - REQUEST_LENGTH;
      head = undefined;
    } else if (left <= 0) return;
    left -= taken;
    if (left <= 0) give(socket, down);
  });
}

function give(socket: Socket, bytes: number): void {
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const piece = BLOCK.subarray(0, Math.min(left, BLOCK.length));
      left -= piece.length;
      if (!socket.write(piece)) {
        socket.once("drain", send);
        return;
      }
    }
    socket.end();
  };
  send();
}
