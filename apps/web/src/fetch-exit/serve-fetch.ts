import { encodeAnswer, readRequest, type ReceivedRequest } from "@tabor/http";
import { ExitRefusal, TaborError, type Clock, type Duplex, type FetchOrigin } from "@tabor/onion-core";

/** Bodies up to this size are kept until they are whole; longer ones a browser streams, and only over HTTP/2 and later. */
const KEPT_BODY = 1 << 20;
/**
 * What belongs to a connection, what the browser says by itself, and what would tell of the client or act as the volunteer; and conditions that
 * only save bytes, for each would have the browser ask the site for leave first. The client checks what it gets by itself.
 */
const NOT_PASSED_ON =
  /^(?:accept-(?:charset|encoding)|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|if-(?:modified-since|none-match|range)|keep-alive|origin|permissions-policy|pragma|cache-control|priority|proxy-.*|referer|sec-.*|te|trailer|transfer-encoding|upgrade(?:-insecure-requests)?|user-agent|via)$/;
/** The browser has taken the codings off, and says nothing true of lengths. */
const NOT_SENT_BACK =
  /^(?:connection|content-(?:encoding|length)|keep-alive|set-cookie2?|te|trailer|transfer-encoding|upgrade)$/;

export interface FetchDeps {
  /** The browser's own. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  /** The client has left. */
  readonly signal: AbortSignal;
}

/**
 * Reads a request from a client of the network, has the browser fetch it from `origin`, and sends the answer back (SPEC §7.5). The
 * browser brings nothing of its own along: no cookies, no referrer, nothing from its cache; and follows nowhere.
 * @throws ExitRefusal with what the client is to be told; TaborError of the stream.
 */
export async function serveFetch(origin: FetchOrigin, client: Duplex, deps: FetchDeps): Promise<void> {
  const request = await readRequest(client, deps.clock);
  const response = await fetched(urlOf(origin, request), request, deps);
  if (response.type === "opaqueredirect") throw new ExitRefusal("redirected");
  const { status, statusText: reason } = response;
  const fields = [...response.headers].filter(([name]) => !NOT_SENT_BACK.test(name));
  const isEmpty = request.method === "HEAD" || status === 204 || status === 304;
  const body = isEmpty ? undefined : piecesOf(response.body);
  for await (const piece of encodeAnswer({ status, reason, fields, body })) await client.write(piece);
  client.end();
}

/** @throws ExitRefusal unless the request is for the host that was asked for. */
function urlOf({ scheme, host, port }: FetchOrigin, { target, fields }: ReceivedRequest): string {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
  const origin = new URL(`${scheme}://${authority}`);
  const hosts = fields.all("host");
  if (hosts.length !== 1 || !(hosts[0] === origin.host || hosts[0] === authority))
    throw new ExitRefusal("protocol");
  const url = new URL(`${origin.origin}${target}`);
  if (url.origin !== origin.origin) throw new ExitRefusal("protocol");
  return url.href;
}

async function fetched(url: string, request: ReceivedRequest, deps: FetchDeps): Promise<Response> {
  const { method, fields } = request;
  const init: RequestInit = {
    method,
    headers: [...fields]
      .filter(([name]) => !NOT_PASSED_ON.test(name))
      .map(([name, value]): [string, string] => [name, value]),
    mode: "cors",
    credentials: "omit",
    cache: "no-store",
    redirect: "manual",
    referrer: "",
    referrerPolicy: "no-referrer",
    signal: deps.signal,
    ...(await bodyOf(request)),
  };
  try {
    return await deps.fetch(url, init);
  } catch {
    // Browsers tell scripts no more: the site is away, its certificate is bad, or it permits no reading.
    throw new ExitRefusal("unreadable");
  }
}

/** @throws what the stream throws. */
async function bodyOf({ length, body, method }: ReceivedRequest): Promise<RequestInit> {
  if (length === 0 || method === "GET" || method === "HEAD") return {};
  const isLong = length === undefined || length > KEPT_BODY;
  // Not in the DOM's types yet; without it browsers refuse streams.
  const half = { duplex: "half" };
  const stream = streamOf(body);
  return isLong ? { ...half, body: stream } : { body: await new Response(stream).arrayBuffer() };
}

/** `ReadableStream.from`, which some browsers lack. */
function streamOf(pieces: AsyncGenerator<Uint8Array, unknown>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await pieces.return(undefined);
    },
  });
}

/** Breaks off with a refusal, as a site does. */
async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((): never => {
        throw new ExitRefusal("connection-reset");
      });
      if (done) return;
      yield value;
    }
  } finally {
    // Ends the fetch if the client has left.
    await reader.cancel().catch(() => undefined);
  }
}

/** What a client of the network is told of whatever ended its fetch. */
export function refusalOf(thrown: unknown): ExitRefusal {
  if (thrown instanceof ExitRefusal) return thrown;
  const isOfRequest =
    thrown instanceof TaborError && (thrown.code === "malformed" || thrown.code === "usage");
  return new ExitRefusal(isOfRequest ? "protocol" : "misc");
}
