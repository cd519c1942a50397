import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, type Log, type Random, type SigningKey, TaborError } from "@tabor/onion-core";
import type { AdmissionMode, IceServer } from "@tabor/signal-protocol";
import { closedAdmission, openAdmission } from "./admission/admission.ts";
import type { Register } from "./admission/register.ts";
import { consensusMaker } from "./directory/consensus-maker.ts";
import { Directory } from "./directory/directory.ts";
import { serveDirectory } from "./net/socket-server.ts";
import { hostsOf } from "./web/hosts.ts";
import { requestListener } from "./web/request-listener.ts";
import type { RequestListener } from "./web/static-site.ts";

export interface SignalServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly authority: SigningKey;
  /** Folder of the built web app. */
  readonly webFolder: string | undefined;
  /** The app is at `app.` and pages are shown from `view.` of this name. */
  readonly site: string;
  readonly iceServers: readonly IceServer[];
  /** Origins of web pages, beside our own, that may take part: "https://example.org". */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly admission: AdmissionMode;
  /** Who its members are, where not everybody is let in. */
  readonly register: Register;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface SignalServer {
  readonly port: number;
  /** Closes every connection and frees the port. */
  close(): Promise<void>;
}

/** Milliseconds for a request's headers, and for the whole request: no request here has a body. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 15_000;

/** Directory, broker and web server on one port. @throws unreachable if it cannot listen there, with a clear sentence. */
export async function startSignalServer(options: SignalServerOptions): Promise<SignalServer> {
  const { authority, clock, log, iceServers, register } = options;
  const info = { authorities: [authority.id], iceServers };
  const timeouts = { headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT };
  const web = requestListener({ ...options, info, log: log.scoped("web") });
  const httpServer = createServer(timeouts, web);
  const port = await listen(httpServer, options);
  const directory = new Directory({
    ...options,
    identity: authority,
    makeConsensus: consensusMaker(authority, clock),
    admission: admissionOf(options),
    log: log.scoped("directory"),
  });
  const sockets = serveDirectory({ ...options, httpServer, directory, log: log.scoped("sockets") });
  keepFromViews(httpServer, web, options.site);
  const stopWatching = register.onRevoked((key) => {
    directory.revoke(key);
  });
  return {
    port,
    close: async () => {
      stopWatching();
      directory.close();
      await sockets.close();
      httpServer.closeAllConnections();
    },
  };
}

function admissionOf({ admission: mode, register }: SignalServerOptions) {
  return mode === "open" ? openAdmission : closedAdmission(mode, register);
}

/** Socket.IO answers its path before anybody else, whatever host was asked: at the view's, that path is a page's like any other. */
function keepFromViews(server: Server, web: RequestListener, site: string): void {
  const others = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const isView = hostsOf(site, request.headers.host).asked === "view";
    for (const listener of isView ? [web] : others) listener(request, response);
  });
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(new TaborError("unreachable", "here", sentence(error, host, port), { cause: error }));
    });
    server.listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function sentence({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is already in use: stop what uses it, or choose another with --port.`;
    case "EACCES":
      return `Port ${port} on ${host} needs rights that this program does not have: choose one above 1023 with --port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `This machine has no address ${host}: choose another with --host.`;
    default:
      return `The directory cannot listen on ${host}, port ${port}: ${message}`;
  }
}
