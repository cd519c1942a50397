import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  type SecureVersion,
  TLSSocket,
} from "node:tls";
import type { ServerCertificate } from "./authority.ts";
import type { Host, Visit, WebHost } from "./host.ts";

/** What a body of a request may have. */
const MAX_BODY = 64 * 1024 * 1024;

/** The one server behind all hosts: plain and TLS listeners whose connections end in the host that was meant. */
export class FarmServer {
  readonly visits: Visit[] = [];
  /** Connections so far, by the host that was asked for in TLS; also those on which nothing came. */
  readonly handshakes: string[] = [];
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #http: HttpServer;
  readonly #listeners: Server[] = [];
  readonly #sockets = new Map<Duplex, number>();
  #connections = 0;

  constructor(hosts: readonly Host[]) {
    this.#hosts = new Map(hosts.map((host) => [host.name, host]));
    this.#http = createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#handle(request, response);
    });
    this.#http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const host = this.#hostOf(request);
      this.#record(request, Buffer.alloc(0));
      if (host?.upgrade === undefined) socket.destroy();
      else host.upgrade(request, socket, head);
    });
  }

  /** @returns its port */
  async listenPlain(): Promise<number> {
    return this.#listen(createTcpServer((socket) => this.#speakHttp(socket)));
  }

  /** @param certificates by name of host @returns its port */
  async listenTls(
    certificates: ReadonlyMap<string, ServerCertificate>,
    versions: { readonly minVersion: SecureVersion; readonly maxVersion: SecureVersion },
  ): Promise<number> {
    const contexts = new Map<string, SecureContext>();
    for (const [name, { key, chain }] of certificates)
      contexts.set(name, createSecureContext({ key, cert: chain, ...versions }));
    const options = {
      ...versions,
      // TLS 1.0 and 1.1 are below what OpenSSL does of its own accord.
      ...(versions.maxVersion < "TLSv1.2" ? { ciphers: "DEFAULT:@SECLEVEL=0" } : {}),
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) => {
        this.handshakes.push(name);
        const context = contexts.get(name);
        if (context === undefined) done(new Error("no such host"));
        else done(null, context);
      },
    };
    const server = createTlsServer(options, (socket) => {
      const name = typeof socket.servername === "string" ? socket.servername : "";
      const host = this.#hosts.get(name);
      if (host?.kind === "raw") host.connected(this.#track(socket));
      else this.#speakHttp(socket);
    });
    server.on("tlsClientError", () => undefined);
    return this.#listen(server);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy();
    await Promise.all(
      this.#listeners.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  async #listen(server: Server): Promise<number> {
    this.#listeners.push(server);
    server.on("connection", (socket: Socket) => this.#track(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  #track(socket: Duplex): Duplex {
    if (this.#sockets.has(socket)) return socket;
    this.#sockets.set(socket, ++this.#connections);
    // Clients go away as they like.
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    return socket;
  }

  #speakHttp(socket: Duplex): void {
    this.#http.emit("connection", this.#track(socket));
  }

  #hostOf({ headers }: IncomingMessage): WebHost | undefined {
    const host = this.#hosts.get((headers.host ?? "").replace(/:\d+$/, ""));
    return host?.kind === "web" ? host : undefined;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = this.#hostOf(request);
    const body = await wholeBody(request);
    if (body === undefined) return void request.socket.destroy();
    const visit = this.#record(request, body);
    const scheme = visit.tls === undefined ? "http" : "https";
    const url = new URL(visit.path, `${scheme}://${visit.host}`);
    if (host === undefined) return void response.writeHead(421).end("No such host here.");
    if (visit.tls === undefined && host.plain === undefined) {
      response.writeHead(301, { location: `https://${host.name}${visit.path}`, "content-length": 0 }).end();
      return;
    }
    await host.answer({ visit, request, response, url });
  }

  #record(request: IncomingMessage, body: Buffer): Visit {
    const { socket } = request;
    const visit: Visit = {
      host: (request.headers.host ?? "").replace(/:\d+$/, ""),
      method: request.method ?? "",
      path: request.url ?? "",
      httpVersion: request.httpVersion,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      rawHeaders: request.rawHeaders,
      body,
      tls: socket instanceof TLSSocket ? (socket.getProtocol() ?? undefined) : undefined,
      connection: this.#sockets.get(socket) ?? 0,
      port: socket.remotePort ?? 0,
    };
    this.visits.push(visit);
    return visit;
  }
}

/** @returns undefined if it is too long or did not come whole. */
async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of request) {
      pieces.push(piece as Buffer);
      length += (piece as Buffer).length;
      if (length > MAX_BODY) return undefined;
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces);
}
