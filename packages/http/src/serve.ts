import type { Clock, Duplex } from "@tabor/onion-core";
import { readBody } from "./body.ts";
import { ByteSource } from "./byte-source.ts";
import { DEFAULT_SILENCE_MS } from "./connection.ts";
import type { Fields } from "./fields.ts";
import { framingOf, type Framing } from "./framing.ts";
import { readRequestHead } from "./head.ts";
import { encodeAnswerHead } from "./request-head.ts";
import { chunks } from "./request-body.ts";
import { Watch } from "./watch.ts";

/** A request as whoever answers it reads it. */
export interface ReceivedRequest {
  /** GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS. */
  readonly method: string;
  /** In origin form. */
  readonly target: string;
  readonly fields: Fields;
  /** Of the body; undefined: it comes in chunks, and nobody has said how many bytes. */
  readonly length: number | undefined;
  /** To be iterated once, and read no faster than it is taken. @throws TaborError of the stream; malformed, closed, timeout. */
  readonly body: AsyncGenerator<Uint8Array, unknown>;
}

/** Reads one request (RFC 9112 §3, §6.3). @throws TaborError: malformed, resource-limit, closed, timeout; what the stream throws. */
export async function readRequest(stream: Duplex, clock: Clock): Promise<ReceivedRequest> {
  const watch = new Watch(stream, { clock, silenceMs: DEFAULT_SILENCE_MS });
  const source = new ByteSource(stream, watch);
  const head = await readRequestHead(source);
  watch.stop();
  const framing = requestFraming(head.fields);
  const length = framing.kind === "chunked" ? undefined : framing.kind === "length" ? framing.length : 0;
  return { ...head, length, body: stopping(readBody(source, framing), watch) };
}

/** As for a response, but a request without a length has no body. */
function requestFraming(fields: Fields): Framing {
  const framing = framingOf({ minorVersion: 1, status: 200, reason: "", fields }, "POST");
  return framing.kind === "until-close" ? { kind: "none" } : framing;
}

async function* stopping(
  body: AsyncGenerator<Uint8Array, unknown>,
  watch: Watch,
): AsyncGenerator<Uint8Array, unknown> {
  try {
    return yield* body;
  } finally {
    watch.stop();
  }
}

interface AnswerToSend {
  /** 200…599 */
  readonly status: number;
  readonly reason: string;
  /** Without those of the framing. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** undefined: the answer has none (HEAD, 204, 304). */
  readonly body: AsyncIterable<Uint8Array> | undefined;
}

/** An answer as it is written, its body in chunks; the last on its connection. @throws usage; what the body throws. */
export async function* encodeAnswer({
  status,
  reason,
  fields,
  body,
}: AnswerToSend): AsyncGenerator<Uint8Array> {
  const framing = body === undefined ? [] : ["Transfer-Encoding: chunked"];
  yield encodeAnswerHead({ status, reason, fields }, ["Connection: close", ...framing]);
  if (body !== undefined) yield* chunks(body);
}
