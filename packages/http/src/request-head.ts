import { TaborError } from "@tabor/onion-core";

/** What is sent on a connection (RFC 9112 §3). */
export interface HttpRequest {
  readonly method: string;
  /** In origin form: path and query. */
  readonly target: string;
  /** In the order in which they are sent, with Host; without those of the framing, which belong to the connection. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  readonly body?: RequestBody;
}

/** `length` undefined: sent in chunks. */
export type RequestBody =
  Uint8Array | { readonly length: number | undefined; readonly bytes: AsyncIterable<Uint8Array> };

const FRAMING_FIELDS: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "trailer", "te"]);
const MEANS_A_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Start line and fields, with the framing field behind Content-Type, where Firefox puts it.
 * @throws usage for what would not be one request of this meaning: somebody's line feed in a value, for one.
 */
export function encodeRequestHead(request: HttpRequest): Uint8Array {
  const { method, target } = request;
  if (!TOKEN.test(method) || method === "CONNECT") throw unsendable("method");
  if (!/^[/*][\x21-\x7e]*$/.test(target)) throw unsendable("target");
  const lines = [...request.fields].map(fieldLine);
  const framing = framingLine(request);
  if (framing !== undefined) {
    const type = lines.findIndex((line) => /^content-type:/i.test(line));
    lines.splice(type < 0 ? lines.length : type + 1, 0, framing);
  }
  return latin1Bytes([`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
}

/** Status line and fields of an answer, and lines behind them (RFC 9112 §4). @throws usage, as `encodeRequestHead`. */
export function encodeAnswerHead(
  answer: {
    readonly status: number;
    readonly reason: string;
    readonly fields: Iterable<readonly [name: string, value: string]>;
  },
  more: readonly string[],
): Uint8Array {
  const { status, reason, fields } = answer;
  if (!isFieldValue(reason)) throw unsendable("reason");
  const lines = [...[...fields].map(fieldLine), ...more];
  return latin1Bytes([`HTTP/1.1 ${String(status)} ${reason}`, ...lines, "", ""].join("\r\n"));
}

/** RFC 9110 §8.6: a method that means to bring something says so even when it brings nothing. */
function framingLine({ method, body }: HttpRequest): string | undefined {
  if (body === undefined) return MEANS_A_BODY.has(method) ? "Content-Length: 0" : undefined;
  if (body.length === undefined) return "Transfer-Encoding: chunked";
  return `Content-Length: ${String(body.length)}`;
}

function fieldLine([name, value]: readonly [string, string]): string {
  if (!TOKEN.test(name) || FRAMING_FIELDS.has(name.toLowerCase())) throw unsendable("field");
  if (!isFieldValue(value)) throw unsendable("field");
  return `${name}: ${value}`;
}

function isFieldValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

function unsendable(what: string): TaborError {
  return new TaborError("usage", "here", `this ${what} cannot be sent`);
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
