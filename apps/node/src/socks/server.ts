import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { TaborError } from "@tabor/onion-core";
import { socketDuplex } from "../net/socket-duplex.ts";
import { serveClient, type SocksDeps } from "./serve-client.ts";

/** Clients at a time: a local program that opens more has lost its way. */
const MAX_CLIENTS = 2048;

export interface SocksServerOptions extends SocksDeps {
  /** Who can reach this address can use the proxy, and hide behind it: 127.0.0.1, unless someone knows better. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface SocksServer {
  readonly port: number;
  /** Stops listening, and ends all connections. */
  readonly close: () => Promise<void>;
}

/** A SOCKS 5 proxy (RFC 1928). @throws whatever `listen` fails with, for example EADDRINUSE. */
export async function listenSocks(options: SocksServerOptions): Promise<SocksServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void serveClient(socketDuplex(socket, "here"), goneSignal(socket), options);
  });
  server.maxConnections = MAX_CLIENTS;
  server.listen(options.port, options.host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => close(server, sockets),
  };
}

function goneSignal(socket: Socket): AbortSignal {
  const gone = new AbortController();
  socket.once("close", () => {
    gone.abort(new TaborError("aborted", "here", "the SOCKS client left"));
  });
  return gone.signal;
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
