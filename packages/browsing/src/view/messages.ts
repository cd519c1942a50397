import { TaborError } from "@tabor/onion-core";
import * as v from "valibot";
import { plainErrorSchema } from "./errors.ts";

/**
 * What service worker, boot page and engine say to each other. Whatever can run in the view's origin may say it too:
 * everything is checked on receipt.
 *
 *     service worker ─ ViewRequest, port ─▶ boot page ─▶ engine
 *                    ◀─ port: taken | unknown, then answer, then the body; the request's body the other way ─▶
 */

/** Addresses of pages, and what forms with GET add to them. */
const MAX_PATH = 1 << 20;
/** Together they are bounded by what browsers let scripts set. */
const MAX_FIELDS = 200;
const MAX_FIELD = 1 << 16;
/** Clients and documents are named by browsers with UUIDs (Service Workers §4.2). */
const client = v.pipe(v.string(), v.maxLength(100));

const requestSchema = v.strictObject({
  type: v.literal("view-request"),
  /** Path and query that were asked for in the view's origin; the question mark stays if nothing follows. */
  path: v.pipe(v.string(), v.startsWith("/"), v.maxLength(MAX_PATH)),
  /** RFC 9110 §9.1 */
  method: v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~\w-]{1,40}$/)),
  /** With its number sign; empty: none. Of documents alone. */
  fragment: v.pipe(v.string(), v.maxLength(1 << 16)),
  /** As the service worker sees them, names in lower case. */
  fields: v.pipe(
    v.array(v.tuple([v.pipe(v.string(), v.maxLength(200)), v.pipe(v.string(), v.maxLength(MAX_FIELD))])),
    v.maxLength(MAX_FIELDS),
  ),
  /** As in Fetch §2.2.5, as all up to `redirect`. */
  destination: v.pipe(v.string(), v.maxLength(40)),
  mode: v.picklist(["navigate", "same-origin", "no-cors", "cors"]),
  credentials: v.picklist(["omit", "same-origin", "include"]),
  redirect: v.picklist(["follow", "error", "manual"]),
  /** Who asks; empty for documents. */
  client,
  /** The document or worker that begins with the answer; empty for all else. */
  resultingClient: client,
  /** The person, or a script, wants it anew. */
  reload: v.boolean(),
  /** The browser itself goes back or forward (Fetch, `Request.isHistoryNavigation`). */
  traversed: v.boolean(),
  /** Bytes of the body that follows on the port; undefined: none. */
  bodyLength: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

/** One request of the browser's for something in the view. */
export type ViewRequestMessage = v.InferOutput<typeof requestSchema>;

const headerSchema = v.tuple([v.string(), v.string()]);

const answerSchema = v.variant("type", [
  /** The engine knows the address and works on it. */
  v.strictObject({ type: v.literal("taken") }),
  /** The address is none of this engine's: another window's may know it. */
  v.strictObject({ type: v.literal("unknown") }),
  v.strictObject({
    type: v.literal("answer"),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    headers: v.array(headerSchema),
    /** Whether a body follows on the port. */
    hasBody: v.boolean(),
  }),
]);

/** What the engine says of a request before the body. */
export type ViewAnswerMessage = v.InferOutput<typeof answerSchema>;

const pieceSchema = v.variant("type", [
  /** So many bytes more may be sent. */
  v.strictObject({
    type: v.literal("credit"),
    bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1 << 26)),
  }),
  /** The buffer is transferred. */
  v.strictObject({ type: v.literal("data"), bytes: v.instance(Uint8Array) }),
  v.strictObject({ type: v.literal("end") }),
  v.strictObject({ type: v.literal("abort"), error: plainErrorSchema }),
]);

/** A byte stream on a port (`PortDuplex`). */
export type PieceMessage = v.InferOutput<typeof pieceSchema>;

/** @throws malformed. */
export function parseViewRequest(message: unknown): ViewRequestMessage {
  return parse(requestSchema, message);
}

/** undefined: a message of another kind, or none. */
export function parseViewAnswer(message: unknown): ViewAnswerMessage | undefined {
  const { success, output } = v.safeParse(answerSchema, message);
  return success ? output : undefined;
}

/** undefined: a message of another kind, or none. */
export function parsePiece(message: unknown): PieceMessage | undefined {
  const { success, output } = v.safeParse(pieceSchema, message);
  return success ? output : undefined;
}

function parse<T>(schema: v.GenericSchema<unknown, T>, message: unknown): T {
  const result = v.safeParse(schema, message);
  if (!result.success) throw new TaborError("malformed", "here", "a message that makes no sense");
  return result.output;
}
