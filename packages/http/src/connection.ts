import { TaborError, toTaborError, type Clock, type Duplex } from "@tabor/onion-core";
import { readBody } from "./body.ts";
import { ByteSource } from "./byte-source.ts";
import type { Fields } from "./fields.ts";
import { framingOf, persists, type Framing } from "./framing.ts";
import { readHead, type ResponseHead } from "./head.ts";
import { encodeRequest, type Pieces } from "./request-body.ts";
import type { HttpRequest } from "./request-head.ts";
import { Watch } from "./watch.ts";

/** The longest silence of a site, before and within its answer. */
export const DEFAULT_SILENCE_MS = 60_000;

export interface HttpConnectionOptions {
  readonly clock: Clock;
  readonly silenceMs?: number;
  /** Called when the connection becomes ready again, and once when it is closed. */
  readonly onChange?: (state: ConnectionState) => void;
}

/** `ready`: takes a request. `busy`: until its answer has been read. `closed`: for ever. */
export type ConnectionState = "ready" | "busy" | "closed";

/** One answer; the connection is busy until `body` has been read or `close` is called. */
export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  /** Of the body as it travels, if the site says it. */
  readonly length: number | undefined;
  /**
   * The body with its framing taken off, still with its content coding; to be iterated once. Nothing is read from the site
   * faster than it is taken. @throws TaborError of the connection or, with `where: "site"`, of the site.
   */
  readonly body: AsyncGenerator<Uint8Array, void>;
  /** Those of a chunked body, once it has been read. */
  readonly trailers: Fields | undefined;
  /** Gives up the rest: closes the connection unless the body has been read. */
  readonly close: () => void;
}

/** What is under way on a connection. */
interface Exchange {
  readonly method: string;
  /** All of the request has been sent. */
  sent: boolean;
  /** The answer was read, or given up. */
  over: boolean;
  /** Stops listening to the caller's signal. */
  readonly release: () => void;
}

/**
 * The client's side of one HTTP/1.1 connection: a request at a time, an answer to each (RFC 9112 §9). It takes over
 * `stream`, and is ready again only when the answer was read to an end that both sides agree on, the request was sent in
 * full, and not a byte too many has come: what a site sends unasked must never become the answer to the next question.
 */
export class HttpConnection {
  readonly #stream: Duplex;
  readonly #source: ByteSource;
  readonly #watch: Watch;
  readonly #onChange: (state: ConnectionState) => void;
  #state: ConnectionState = "ready";
  #isUsed = false;
  #receivedBefore = 0;

  constructor(stream: Duplex, options: HttpConnectionOptions) {
    const { clock, silenceMs = DEFAULT_SILENCE_MS, onChange = () => undefined } = options;
    this.#stream = stream;
    this.#watch = new Watch(stream, { clock, silenceMs });
    this.#source = new ByteSource(stream, this.#watch);
    this.#onChange = onChange;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether a byte has come since the last request: if not, an idempotent one may be sent again (RFC 9112 §9.3.1). */
  get answering(): boolean {
    return this.#source.received > this.#receivedBefore;
  }

  /**
   * Sends a request and reads the head of its answer, past interim ones (RFC 9110 §15.2). A site may answer before it has
   * taken the whole request (RFC 9112 §9.5).
   * @throws TaborError of the stream; with `where: "site"` malformed, resource-limit, timeout, closed; with `where: "here"`
   * aborted, usage for a request that cannot be, or for one on a connection that is not ready.
   */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    if (this.#state !== "ready") throw new TaborError("usage", "here", "the connection takes no request now");
    if (signal.aborted) throw withdrawn();
    const { first, rest } = encodeRequest(request);
    this.#state = "busy";
    this.#receivedBefore = this.#source.received;
    const exchange = { method: request.method, sent: false, over: false, release: this.#closeOn(signal) };
    try {
      await this.#begin(first);
      void this.#sendRest(rest, exchange);
      return this.#answer(await readHead(this.#source), exchange);
    } catch (thrown) {
      throw this.#fail(thrown, exchange);
    }
  }

  close(error = new TaborError("closed", "here", "the connection is no longer needed")): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#watch.stop();
    this.#stream.abort(error);
    this.#onChange("closed");
  }

  /** The very first write is not watched: it may be what opens the stream, which has deadlines of its own. */
  async #begin(first: Uint8Array): Promise<void> {
    if (this.#isUsed) await this.#watch.over(() => this.#stream.write(first));
    else await this.#stream.write(first);
    this.#isUsed = true;
  }

  /** Never throws: whoever reads the answer hears of what breaks the stream. */
  async #sendRest(rest: Pieces, exchange: Exchange): Promise<void> {
    try {
      for await (const piece of rest) {
        // The answer may be complete already; a stream that broke may still hold it.
        if (exchange.over || !(await this.#written(piece))) return;
      }
      exchange.sent = true;
    } catch (thrown) {
      this.#stream.abort(toTaborError(thrown, "here", "sending a request"));
    }
  }

  async #written(piece: Uint8Array): Promise<boolean> {
    try {
      await this.#watch.over(() => this.#stream.write(piece));
      return true;
    } catch {
      return false;
    }
  }

  #answer(head: ResponseHead, exchange: Exchange): HttpAnswer {
    const framing = framingOf(head, exchange.method);
    const reading: Reading = { framing, reusable: persists(head, framing), trailers: undefined };
    const isEmpty = framing.kind === "none" || (framing.kind === "length" && framing.length === 0);
    if (isEmpty) this.#finish(exchange, reading.reusable);
    return {
      status: head.status,
      reason: head.reason,
      fields: head.fields,
      length: framing.kind === "length" ? framing.length : undefined,
      body: isEmpty ? nothing() : this.#body(reading, exchange),
      get trailers() {
        return reading.trailers;
      },
      close: () => {
        this.#giveUp(exchange);
      },
    };
  }

  async *#body(reading: Reading, exchange: Exchange): AsyncGenerator<Uint8Array, void> {
    try {
      reading.trailers = yield* readBody(this.#source, reading.framing);
      this.#finish(exchange, reading.reusable);
    } catch (thrown) {
      throw this.#fail(thrown, exchange);
    } finally {
      this.#giveUp(exchange);
    }
  }

  /** The answer has been read to its end. */
  #finish(exchange: Exchange, reusable: boolean): void {
    exchange.over = true;
    exchange.release();
    if (this.#state !== "busy") return;
    if (!reusable || !exchange.sent || this.#source.hasSurplus) {
      this.close();
      return;
    }
    this.#state = "ready";
    this.#watch.stop();
    this.#source.listen(() => {
      if (this.#state === "ready") this.close();
    });
    this.#onChange("ready");
  }

  #giveUp(exchange: Exchange): void {
    if (exchange.over) return;
    exchange.over = true;
    exchange.release();
    this.close();
  }

  #fail(thrown: unknown, exchange: Exchange): TaborError {
    const error = toTaborError(thrown, "site", "fetching a page");
    exchange.over = true;
    exchange.release();
    this.close(error);
    return error;
  }

  /** @returns what stops it. */
  #closeOn(signal: AbortSignal): () => void {
    const onAbort = (): void => {
      this.close(withdrawn());
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return () => {
      signal.removeEventListener("abort", onAbort);
    };
  }
}

/** How an answer's body is being read. */
interface Reading {
  readonly framing: Framing;
  readonly reusable: boolean;
  trailers: Fields | undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array, void> {
  await Promise.resolve();
}

function withdrawn(): TaborError {
  return new TaborError("aborted", "here", "the request was withdrawn");
}
