import { TaborError } from "@tabor/onion-core";
import * as v from "valibot";

/**
 * What a document's hooks and the engine say to each other. Scripts of the site can say all of it too: everything is checked on receipt,
 * and a label acts for itself alone.
 *
 *     hooks ─ PageHello, port ─▶ service worker (knows the client) ─▶ boot page of the label ─▶ engine
 *     hooks ◀─ the port: PageMessage one way, PageNews the other ─▶ engine
 *     PageMessage "websocket" brings a port of its own, for `SocketMessage`s
 */

const MAX_ADDRESS = 65_536;
/** RFC 6265bis §5.7 ignores longer ones. */
const MAX_COOKIE = 4096;
const MAX_TITLE = 1000;

const page = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
/** Real addresses, as `URL.href` writes them; the engine parses them anew. */
const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS));

const helloSchema = v.strictObject({ type: v.literal("tabor-page"), page });

/** To the service worker, once for each document or worker, with the port for all else. */
export type PageHello = v.InferOutput<typeof helloSchema>;

const messageSchema = v.variant("type", [
  /** What was assigned to `document.cookie` (RFC 6265bis, set-cookie-string). */
  v.strictObject({ type: v.literal("cookie"), cookie: v.pipe(v.string(), v.maxLength(MAX_COOKIE)) }),
  /** The document is about to be left for an address of its own origin, which tells the engine nothing of who asks (HTML, `navigate` event). */
  v.strictObject({
    type: v.literal("navigating"),
    url: address,
    kind: v.picklist(["push", "replace", "reload", "traverse"]),
  }),
  /** The same document has another address: `pushState`, `replaceState`, fragments, back and forward. Of its own origin. */
  v.strictObject({
    type: v.literal("location"),
    url: address,
    kind: v.picklist(["push", "replace", "traverse"]),
  }),
  v.strictObject({ type: v.literal("title"), title: v.pipe(v.string(), v.maxLength(MAX_TITLE)) }),
  /** `window.open`, or a link that opens a window. `activated`: the browser saw the user act (HTML §6.4). */
  v.strictObject({ type: v.literal("open"), url: address, activated: v.boolean() }),
  /** A port comes with it, on which `SocketMessage`s follow. */
  v.strictObject({
    type: v.literal("websocket"),
    /** `ws:` or `wss:`. */
    url: address,
    /** Tokens of RFC 9110 §5.6.2, none twice. */
    protocols: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~\w-]{1,256}$/))), v.maxLength(64)),
  }),
]);

/** What hooks tell the engine, on their port. */
export type PageMessage = v.InferOutput<typeof messageSchema>;

/** What the engine tells hooks, on the same port. */
export type PageNews =
  /** The document's cookies have changed, as `HookConfig.cookie`. */
  | { readonly type: "cookie"; readonly cookie: string }
  /** One more of `HookConfig.met`. */
  | { readonly type: "met"; readonly view: string; readonly origin: string };

/** Bytes of one message of a WebSocket; of text, in UTF-8. Longer ones end the connection with 1009 (RFC 6455 §7.4.1). */
export const MAX_SOCKET_MESSAGE = 16 * 1024 * 1024;

const code = v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(4999));
/** 123 bytes of UTF-8 (RFC 6455 §5.5.1); the engine measures them. */
const reason = v.pipe(v.string(), v.maxLength(123));

const socketSchema = v.variant("type", [
  v.strictObject({ type: v.literal("text"), text: v.pipe(v.string(), v.maxLength(MAX_SOCKET_MESSAGE)) }),
  v.strictObject({
    type: v.literal("binary"),
    bytes: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_SOCKET_MESSAGE)),
  }),
  /** So many bytes more may be sent; a message may be begun while any are left. */
  v.strictObject({
    type: v.literal("credit"),
    bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1 << 26)),
  }),
  v.strictObject({ type: v.literal("close"), code: v.optional(code), reason }),
]);

/** From hooks to engine, on a WebSocket's port. Without credit nothing but `close` and `credit` is sent. */
export type SocketMessage = v.InferOutput<typeof socketSchema>;

/** From engine to hooks, on a WebSocket's port. `closed` is the last; before `opened` it means that there was no connection. */
export type SocketNews =
  | Extract<SocketMessage, { type: "text" | "binary" | "credit" }>
  | { readonly type: "opened"; readonly protocol: string }
  | { readonly type: "closed"; readonly code: number; readonly reason: string; readonly wasClean: boolean };

/** undefined: a message of another kind, or none. */
export function parsePageHello(message: unknown): PageHello | undefined {
  const { success, output } = v.safeParse(helloSchema, message);
  return success ? output : undefined;
}

/** @throws malformed. */
export function parsePageMessage(message: unknown): PageMessage {
  return parse(messageSchema, message);
}

/** @throws malformed. */
export function parseSocketMessage(message: unknown): SocketMessage {
  return parse(socketSchema, message);
}

function parse<T>(schema: v.GenericSchema<unknown, T>, message: unknown): T {
  const result = v.safeParse(schema, message);
  if (!result.success) throw new TaborError("malformed", "here", "a message that makes no sense");
  return result.output;
}
