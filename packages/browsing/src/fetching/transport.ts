import type { Fields, HttpAnswer, HttpRequest } from "@tabor/http";
import { TaborError, toTaborError, type CircuitInfo } from "@tabor/onion-core";
import type { OnWait, TlsInfo } from "../api.ts";
import type { ConnectionPool, Lease } from "./connection-pool.ts";
import type { Endpoint } from "./site-connection.ts";

/** RFC 9110 §9.2.2: as often sent as once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
/** RFC 9110 §9.2.1 */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** Times that one request is sent; each on a circuit of which the last try's loss says nothing. */
const MAX_ATTEMPTS = 3;

export interface Call {
  readonly endpoint: Endpoint;
  readonly request: HttpRequest;
  /** Lower first. */
  readonly priority: number;
  readonly signal: AbortSignal;
  readonly onProgress: OnWait;
}

export type Sent =
  | {
      readonly kind: "answer";
      readonly answer: HttpAnswer;
      readonly tls: TlsInfo | undefined;
      readonly circuit: CircuitInfo;
    }
  /** No connection came about: nothing of the request was sent. */
  | { readonly kind: "unconnected"; readonly error: TaborError };

/**
 * Sends requests over pooled connections, and again when that can do no harm: on a fresh connection if the site closed an
 * old one as the request came (RFC 9112 §9.3.1), on another circuit if one was lost before the answer's head.
 */
export class Transport {
  readonly #pool: ConnectionPool;

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
  }

  /** @throws TaborError of the connection, of the site, or aborted. */
  async send(call: Call): Promise<Sent> {
    // On an old connection nobody could tell whether a request was carried out that the site did not answer.
    let fresh = !isRepeatable(call.request);
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= MAX_ATTEMPTS;
      const lease = await this.#take(call, fresh);
      if (lease instanceof TaborError) {
        if (!isLast && isLostCircuit(lease)) continue;
        return { kind: "unconnected", error: lease };
      }
      const sent = await exchange(call, lease);
      if (!(sent instanceof TaborError)) return sent;
      const way = isLast ? "not" : againOn(call, lease, sent);
      if (way === "not") return failed(lease, sent);
      fresh ||= way === "fresh connection";
    }
  }

  async #take(call: Call, fresh: boolean): Promise<Lease | TaborError> {
    const { endpoint, priority, signal, onProgress } = call;
    try {
      return await this.#pool.take(endpoint, { priority, fresh, signal, onProgress });
    } catch (thrown) {
      return toTaborError(thrown, "site", "connecting");
    }
  }
}

async function exchange(call: Call, lease: Lease): Promise<Sent | TaborError> {
  const { connection } = lease;
  try {
    // What travels with the opening of a stream may arrive twice: another circuit is tried with it.
    if (!IDEMPOTENT.has(call.request.method)) await connection.open();
    call.onProgress("Waiting for the site's answer", connection.circuit);
    const answer = await connection.http.send(call.request, call.signal);
    lease.keepFor(keepAliveMs(answer.fields));
    const { circuit } = connection;
    if (circuit === undefined) throw new TaborError("usage", "here", "an answer over no circuit");
    return { kind: "answer", answer, tls: connection.tls, circuit };
  } catch (thrown) {
    const error = toTaborError(thrown, "site", "fetching a page");
    connection.http.close(error);
    return error;
  }
}

function isRepeatable({ method, body }: HttpRequest): boolean {
  return IDEMPOTENT.has(method) && (body === undefined || body instanceof Uint8Array);
}

function againOn(
  { request, signal }: Call,
  lease: Lease,
  error: TaborError,
): "fresh connection" | "other circuit" | "not" {
  if (signal.aborted || !isRepeatable(request)) return "not";
  if (wasOld(lease, error)) return "fresh connection";
  return SAFE.has(request.method) && isLostCircuit(error) ? "other circuit" : "not";
}

/** The stream of a plain connection opens with the request, so a failure may be that of opening; an exit that fetches says so later. */
function failed({ connection }: Lease, error: TaborError): Sent {
  const isUnfetched = connection.isFetched && error.code === "refused";
  if ((connection.circuit === undefined && error.code !== "aborted") || isUnfetched)
    return { kind: "unconnected", error };
  throw error;
}

/** The site closed a connection that it had kept, before a byte of the answer came. */
function wasOld({ connection, reused }: Lease, error: TaborError): boolean {
  return reused && !connection.http.answering && ["closed", "reset", "usage"].includes(error.code);
}

function isLostCircuit({ where, code }: TaborError): boolean {
  if (where === "exit") return code === "closed";
  return where === "relay" || where === "link";
}

/** `Keep-Alive: timeout=5`; a second less, for the way there. Infinity: nothing said. */
function keepAliveMs(fields: Fields): number {
  const match = /(?:^|[,\s])timeout=([0-9]{1,6})/i.exec(fields.first("keep-alive") ?? "");
  return match === null ? Infinity : Math.max(0, Number(match[1]) * 1000 - 1000);
}
