import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { pour } from "./pour.ts";
import { readTransfer, TRANSFER_REQUEST_LENGTH } from "./transfer.ts";

export interface TransferSite {
  readonly port: number;
  close(): void;
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
      if (head.length < TRANSFER_REQUEST_LENGTH) return;
      const transfer = readTransfer(head);
      ({ up: left, down } = transfer);
      taken = head.length - TRANSFER_REQUEST_LENGTH;
      head = undefined;
    } else if (left <= 0) return;
    left -= taken;
    if (left <= 0)
      pour(socket, down, () => {
        socket.end();
      });
  });
}
