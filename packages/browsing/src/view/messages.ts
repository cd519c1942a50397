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

const MAX_TOKEN = 32_768;
const MAX_FIELD = 1000;

/** Fields of the browser's request that the engine may need; no other leaves the service worker. */
const fieldsSchema = v.strictObject({
  range: v.optional(v.pipe(v.string(), v.maxLength(MAX_FIELD))),
  contentType: v.optional(v.pipe(v.string(), v.maxLength(MAX_FIELD))),
});

const requestSchema = v.strictObject({
  type: v.literal("view-request"),
  token: v.pipe(v.string(), v.maxLength(MAX_TOKEN)),
  method: v.picklist(["GET", "POST"]),
  /** With its question mark, "?" if nothing follows; empty: none. What a form with GET adds to its action. */
  query: v.pipe(v.string(), v.maxLength(1 << 20)),
  /** With its number sign; empty: none. Of documents alone. */
  fragment: v.pipe(v.string(), v.maxLength(1 << 16)),
  fields: fieldsSchema,
  /** As in Fetch §2.2.5. */
  destination: v.pipe(v.string(), v.maxLength(40)),
  /** The person asked for it anew. */
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
  /** The engine knows the token and works on it. */
  v.strictObject({ type: v.literal("taken") }),
  /** The token is none of this engine's: another window's may know it. */
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
