import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { DelayLine } from "../lib/delay-line.ts";

/** A port that leads to another over a long way. */
export interface DelayedPort {
  readonly port: number;
  close(): void;
}

/**
 * Passes connections on to `to` (127.0.0.1), each byte `ms` milliseconds later in each direction, with all the bandwidth that there
 * is; and what opens a connection arrives a round trip later still, which is what connecting takes.
 */
export async function delayedPort(to: number, ms: number): Promise<DelayedPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port: to, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const connected = performance.now() + 2 * ms;
    carry(near, far, () => Math.max(performance.now(), connected) + ms);
    carry(far, near, () => performance.now() + ms);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
  });
  const port = await listening(server);
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function carry(from: Socket, to: Socket, due: () => number): void {
  const line = new DelayLine();
  const later = (action: () => unknown): void => line.add(due(), action);
  from.on("data", (bytes) => later(() => to.writable && to.write(bytes)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => later(() => to.destroy()));
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
