import { once } from "node:events";
import { connect as connectSocket, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { pem, type Identity } from "./certificates.ts";

/** Servers on loopback, and sockets to them. */

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  connect(): Promise<Socket>;
}

export interface TlsServerOptions extends TlsOptions {
  /** The site's own first. */
  readonly chain: readonly Identity[];
  readonly onConnection?: (socket: TLSSocket) => void;
  /** The handshake failed on the server's side. */
  readonly onRefusal?: (error: Error) => void;
}

/** Node's own TLS. */
export async function tlsServer({
  chain,
  onConnection,
  onRefusal,
  ...options
}: TlsServerOptions): Promise<TestServer> {
  // Level 0: OpenSSL would not even serve what clients must refuse.
  const defaults = { ...(await pem(chain)), ciphers: "DEFAULT:@SECLEVEL=0" };
  const server = createTlsServer({ ...defaults, ...options }, (socket) => {
    socket.on("error", () => undefined);
    onConnection?.(socket);
  });
  server.on("tlsClientError", (error) => onRefusal?.(error));
  return listening(server);
}

/** A server that does what it likes with a plain socket. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listening(createServer({ allowHalfOpen: true }, onConnection));
}

async function listening(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connect: () => connectTo(port),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export async function connectTo(port: number): Promise<Socket> {
  const socket = connectSocket({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  await once(socket, "connect");
  return socket;
}
