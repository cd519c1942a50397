import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Clock,
  type IssuerKey,
  type Log,
  type Random,
  type SigningKey,
  TaborError,
} from "@tabor/onion-core";
import {
  type AdmissionMode,
  type IncomingSignal,
  type KnownHost,
  type NetworkInfo,
  originOfHost,
  type PeerAddress,
} from "@tabor/signal-protocol";
import { type Admission, closedAdmission, openAdmission } from "./admission/admission.ts";
import { blindSigner } from "./admission/blind-signer.ts";
import type { Register } from "./admission/register.ts";
import { TokenOffice, type TokenOfficeOptions } from "./admission/token-office.ts";
import type { AuthorityServer } from "./authorities/http-peers.ts";
import { severalAuthorities } from "./authorities/several-authorities.ts";
import { Directory } from "./directory/directory.ts";
import { soleAuthority } from "./directory/sole-authority.ts";
import { iceServersAt, type IceOptions } from "./ice-servers.ts";
import { MeasurementsFile } from "./measurements/measurements-file.ts";
import { serveDirectory } from "./net/socket-server.ts";
import { documentListener } from "./web/document-listener.ts";
import { appOriginsAt, hostsOf } from "./web/hosts.ts";
import type { Sharing } from "./redis/share-by-redis.ts";
import type { RelayStore } from "./relays/relay-store.ts";
import { requestListener } from "./web/request-listener.ts";
import type { DocumentListener, RequestListener } from "./web/static-site.ts";

export interface SignalServerOptions extends IceOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly authority: SigningKey;
  /** The other authorities of the network; without any, this one is alone. */
  readonly others: readonly AuthorityServer[];
  /** Milliseconds of a round, with others (SPEC §8.4). */
  readonly roundMs: number;
  /** Folder of the built web app. */
  readonly webFolder: string | undefined;
  /** The app is at `app.` and pages are shown from `view.` of this name. */
  readonly site: string;
  /** Origins of web pages, beside our own, that may take part: "https://example.org". */
  readonly allowedOrigins: ReadonlySet<string>;
  /** The hosts that may serve, if the network is an ad-hoc one (SPEC §9.8). */
  readonly hosts?: readonly KnownHost[] | undefined;
  readonly admission: AdmissionMode;
  /** Who its members are, where not everybody is let in. */
  readonly register: Register;
  /** Who is registered, if that is to outlast the process. */
  readonly relays?: RelayStore;
  /** What it has in common with other brokers of the same authority; it is closed with the server. */
  readonly sharing?: Sharing | undefined;
  /** Where its measurer writes what it finds out, if it may have one (SPEC §8.7). */
  readonly measurements?: string;
  /** The way to the other authorities. */
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface SignalServer {
  readonly port: number;
  /** Closes every connection and frees the port. */
  close(): Promise<void>;
}

/** Milliseconds for a request's headers, and for the whole request. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 15_000;

/** Directory, broker and web server on one port. @throws unreachable if it cannot listen there, with a clear sentence. */
export async function startSignalServer(given: SignalServerOptions): Promise<SignalServer> {
  const { log, site, register } = given;
  const appsElsewhere = elsewhere(given).flatMap((server) => appOriginsAt(site, server));
  const options = { ...given, allowedOrigins: new Set([...given.allowedOrigins, ...appsElsewhere]) };
  const httpServer = createServer({ headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT });
  const office = await openOffice(options, (change) => {
    directory.issuersChanged(change);
  });
  const port = await listen(httpServer, options).catch(async (error: unknown) => {
    office?.close();
    await given.relays?.close();
    await given.sharing?.close();
    throw error;
  });
  const measurements = openMeasurements(options, () => {
    directory.standingsChanged();
  });
  const { directory, documents } = startDirectory(options, { office, measurements });
  const web = requestListener({
    ...options,
    info: () => networkInfo(options),
    servers: elsewhere(options),
    documents,
    log: log.scoped("web"),
  });
  httpServer.on("request", web);
  const sockets = serveDirectory({ ...options, httpServer, directory, log: log.scoped("sockets") });
  keepFromViews(httpServer, web, site);
  given.sharing?.start();
  const stopWatching = register.onRevoked((key) => {
    directory.revoke(key);
    office?.revoked(key);
  });
  return {
    port,
    close: async () => {
      stopWatching();
      office?.close();
      measurements?.close();
      const written = directory.close();
      await sockets.close();
      await written;
      await given.sharing?.close();
      httpServer.closeAllConnections();
    },
  };
}

/** Origins of all servers that apps of this network may join, beside this one or instead of it. */
function elsewhere({ others, hosts = [] }: SignalServerOptions): readonly string[] {
  return [...others.map(({ url }) => url), ...hosts.map(({ address }) => originOfHost(address))];
}

function networkInfo(options: SignalServerOptions): NetworkInfo {
  const { authority, others, hosts } = options;
  const iceServers = iceServersAt(options, options.clock.now());
  const authorities = [authority.id, ...others.map(({ authority: other }) => other)];
  const servers = others.map(({ url }) => url);
  return { authorities, servers, iceServers, ...(hosts && { hosts }) };
}

/** The directory, and what it answers by HTTP: whatever it has to anybody, and to the other authorities what they need. */
function startDirectory(
  options: SignalServerOptions,
  { office, measurements }: { office: TokenOffice | undefined; measurements: MeasurementsFile | undefined },
): { directory: Directory; documents: DocumentListener } {
  const issuers = (): readonly IssuerKey[] => office?.keys ?? [];
  const { authority, others, sharing, clock, log } = options;
  const scoped = log.scoped("authority");
  const makers =
    others.length === 0
      ? {
          start: soleAuthority(authority, { issuers, timeOf: sharing?.timeOf, clock, log: scoped }),
          answer: () => false,
        }
      : severalAuthorities({ ...options, key: authority, issuers, log: scoped });
  const directory = new Directory({
    ...{
      ...options,
      identity: authority,
      admission: admissionOf(options, office),
      ...(measurements && { standingOf: (relay) => measurements.standingOf(relay) }),
      log: log.scoped("directory"),
    },
    ...(sharing && {
      relays: sharing.relays,
      elsewhere: (to: PeerAddress, signal: IncomingSignal) => sharing.rooms.signal(to, signal),
    }),
    startConsensuses: sharing?.consensuses(makers.start) ?? makers.start,
  });
  const forAnybody = documentListener(directory.history);
  return {
    directory,
    documents: (request, response) => makers.answer(request, response) || forAnybody(request, response),
  };
}

function openMeasurements(
  { measurements: path, clock, log }: SignalServerOptions,
  changed: () => void,
): MeasurementsFile | undefined {
  return path === undefined
    ? undefined
    : new MeasurementsFile({ path, changed, clock, log: log.scoped("measurements") });
}

/** Where not everybody is let in. */
async function openOffice(
  { admission, authority, clock, log }: SignalServerOptions,
  changed: TokenOfficeOptions["changed"],
): Promise<TokenOffice | undefined> {
  if (admission === "open") return undefined;
  const own = { authority: authority.id, newSigner: blindSigner, log: log.scoped("tokens") };
  return TokenOffice.open({ ...own, changed, clock });
}

function admissionOf(
  { admission: mode, register }: SignalServerOptions,
  office: TokenOffice | undefined,
): Admission {
  return mode === "open" || office === undefined
    ? openAdmission
    : closedAdmission({ mode, register, office });
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
