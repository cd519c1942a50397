import { TaborError, toTaborError, type Clock, type Duplex } from "@tabor/onion-core";
import { readBody } from "./body.ts";
import { ByteSource } from "./byte-source.ts";
import { decodeContent } from "./content-coding.ts";
import type { Fields } from "./fields.ts";
import { framingOf } from "./framing.ts";
import { readHead } from "./head.ts";
import { Watch } from "./watch.ts";

/** The longest silence of a site, before and within its answer. */
export const DEFAULT_SILENCE_MS = 60_000;

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How far it is; called often. */
  readonly onProgress?: (progress: ExchangeProgress) => void;
  readonly silenceMs?: number;
}

export type ExchangeProgress =
  /** The request is under way, the answer's head has not come. */
  | { readonly stage: "waiting" }
  /** `received` bytes of the body, compressed as they came, out of `total` if the site says how many. */
  | { readonly stage: "receiving"; readonly received: number; readonly total: number | undefined };

export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  /** Length of the body as it travels, if the site says it. */
  readonly length: number | undefined;
  /**
   * The decompressed body, to be iterated once; nothing is read from the site faster than it is taken. Ending the iteration
   * early closes the connection. @throws TaborError of the connection or, with `where: "site"`, of the site.
   */
  readonly body: AsyncGenerator<Uint8Array, void>;
  /** Closes the connection, whether or not the body has been read. */
  close(): void;
}

/**
 * Reads the answer to a request that was sent on `stream`. Takes over `stream`: it is closed when the body has been
 * read, when anything fails, and when `signal` aborts.
 */
export async function receive(stream: Duplex, options: ExchangeOptions): Promise<HttpResponse> {
  const close = closeOnAbort(stream, options.signal);
  try {
    return await readResponse(stream, options, close);
  } catch (thrown) {
    close();
    throw toTaborError(thrown, "site", "fetching a page");
  }
}

async function readResponse(
  stream: Duplex,
  options: ExchangeOptions,
  close: () => void,
): Promise<HttpResponse> {
  options.onProgress?.({ stage: "waiting" });
  const { clock, silenceMs = DEFAULT_SILENCE_MS } = options;
  const watch = new Watch(stream, { clock, silenceMs });
  const source = new ByteSource(stream, watch);
  const head = await readHead(source);
  const framing = framingOf(head, "GET");
  const length = framing.kind === "length" ? framing.length : undefined;
  const counted = count(readBody(source, framing), length, options.onProgress);
  const body = thenClose(decodeContent(counted, head.fields), () => {
    watch.stop();
    close();
  });
  return { status: head.status, reason: head.reason, fields: head.fields, length, body, close };
}

/** @returns a function that closes `stream`, once. */
function closeOnAbort(stream: Duplex, signal: AbortSignal): () => void {
  const onAbort = (): void => {
    stream.abort(new TaborError("aborted", "here", "the request was withdrawn"));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  let closed = false;
  return () => {
    if (closed) return;
    closed = true;
    signal.removeEventListener("abort", onAbort);
    stream.abort(new TaborError("closed", "here", "the request is over"));
  };
}

async function* count(
  pieces: AsyncGenerator<Uint8Array, unknown>,
  total: number | undefined,
  onProgress: ExchangeOptions["onProgress"],
): AsyncGenerator<Uint8Array, void> {
  let received = 0;
  onProgress?.({ stage: "receiving", received, total });
  for await (const piece of pieces) {
    received += piece.length;
    onProgress?.({ stage: "receiving", received, total });
    yield piece;
  }
}

async function* thenClose(
  pieces: AsyncGenerator<Uint8Array, void>,
  close: () => void,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* pieces;
  } catch (thrown) {
    throw toTaborError(thrown, "site", "reading a page");
  } finally {
    close();
  }
}
