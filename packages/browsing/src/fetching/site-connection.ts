import { HttpConnection, type ConnectionState } from "@tabor/http";
import { TaborError, type CircuitInfo, type Clock } from "@tabor/onion-core";
import type { OnWait, StreamOpener, TlsClient, TlsInfo, TlsOptions, TlsStream } from "../api.ts";
import { bounded } from "./bounded.ts";
import { OptimisticStream, type OpenWith } from "./optimistic-stream.ts";

/** Where a connection leads, and what it may be shared by. */
export interface Endpoint {
  /** Connections of different keys share no circuit (SPEC §10.2). */
  readonly isolation: string;
  readonly scheme: "http:" | "https:";
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface ConnectInit {
  readonly opener: StreamOpener;
  readonly tls: TlsClient;
  readonly clock: Clock;
}

export interface ConnectOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnWait;
  readonly onChange: (state: ConnectionState) => void;
}

/** A connection that is ready for requests. */
export interface SiteConnection {
  readonly http: HttpConnection;
  readonly tls: TlsInfo | undefined;
  /** The exit fetches in our place (SPEC §7.5). */
  readonly isFetched: boolean;
  /** The circuit as it is now; undefined until the stream is open. */
  readonly circuit: CircuitInfo | undefined;
  /** Opens the stream by itself, for a request that must not travel with what opens it. */
  open(): Promise<void>;
}

/** The longest that a stream may take to open and TLS to agree. */
const CONNECT_DEADLINE_MS = 180_000;
const ALPN = "http/1.1";

export function endpointOf(url: URL, isolation: string): Endpoint {
  const scheme = url.protocol === "https:" ? "https:" : "http:";
  const port = url.port === "" ? (scheme === "https:" ? 443 : 80) : Number(url.port);
  return { isolation, scheme, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/**
 * For `http:` nothing is sent yet: the stream opens with the first request. For `https:` the ClientHello opens it.
 * @throws TaborError of the opener or of TLS; timeout.
 */
export async function connectTo(
  endpoint: Endpoint,
  init: ConnectInit,
  options: ConnectOptions,
): Promise<SiteConnection> {
  const isFetched = (await init.opener.exitKind(endpoint, options)) === "fetch";
  const { stream, secure } = isFetched
    ? { stream: streamTo(endpoint, init, { ...options, fetch: true }), secure: undefined }
    : await openTo(endpoint, init, options);
  const http = new HttpConnection(secure ?? stream, { clock: init.clock, onChange: options.onChange });
  return {
    http,
    tls: secure?.info,
    isFetched,
    get circuit() {
      return stream.circuit;
    },
    open: () => stream.open(),
  };
}

/** A stream to a site, and for `https:` TLS over it. @throws as `connectTo`. */
export async function openTo(
  endpoint: Endpoint,
  init: ConnectInit,
  options: OpenToOptions,
): Promise<OpenedStream> {
  try {
    return await openOnce(endpoint, init, options);
  } catch (thrown) {
    if (!isDisagreement(thrown) || options.signal.aborted) throw thrown;
    return openOnce(endpoint, init, { ...options, aes256: true });
  }
}

type OpenToOptions = Pick<ConnectOptions, "signal" | "onProgress">;

interface OpenedStream {
  readonly stream: OptimisticStream;
  readonly secure: TlsStream | undefined;
}

/** The site may be one that takes nothing but AES-256, which is not offered at first. */
function isDisagreement(thrown: unknown): boolean {
  return thrown instanceof TaborError && thrown.code === "protocol" && thrown.where === "site";
}

async function openOnce(
  endpoint: Endpoint,
  init: ConnectInit,
  options: OpenToOptions & Pick<TlsOptions, "aes256">,
): Promise<OpenedStream> {
  const { host, scheme } = endpoint;
  const stream = streamTo(endpoint, init, options);
  return { stream, secure: scheme === "https:" ? await handshake(stream, host, init, options) : undefined };
}

function streamTo(
  { host, port, isolation, scheme }: Endpoint,
  { opener, clock }: ConnectInit,
  { onProgress, fetch = false }: Pick<ConnectOptions, "onProgress"> & { readonly fetch?: boolean },
): OptimisticStream {
  const plain = scheme === "https:" ? "https" : "http";
  const common = { isolation, onProgress, ...(fetch && ({ fetch: plain } as const)) };
  const open: OpenWith = (early, signal) =>
    opener.open({ host, port }, { ...common, signal, ...(early === undefined ? {} : { early }) });
  return new OptimisticStream(open, clock);
}

async function handshake(
  stream: OptimisticStream,
  serverName: string,
  { tls, clock }: ConnectInit,
  { signal, onProgress, aes256 = false }: OpenToOptions & Pick<TlsOptions, "aes256">,
): Promise<TlsStream> {
  const deadline = { ms: CONNECT_DEADLINE_MS, says: "the site did not agree on encryption in time" };
  return bounded(stream, { clock, deadline, signal }, async () => {
    onProgress("Opening a stream to the site and agreeing on encryption");
    return requireHttp1(await tls.connect(stream, { serverName, alpn: [ALPN], signal, aes256 }));
  });
}

function requireHttp1(stream: TlsStream): TlsStream {
  const { alpn } = stream.info;
  if (alpn === undefined || alpn === ALPN) return stream;
  const error = new TaborError("protocol", "site", "the site chose a protocol that was not offered");
  stream.abort(error);
  throw error;
}
