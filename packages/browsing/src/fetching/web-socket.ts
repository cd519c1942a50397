import { upgrade, type Fields } from "@tabor/http";
import { randomBytes, TaborError, type Duplex } from "@tabor/onion-core";
import type { FetcherInit } from "./api.ts";
import { bounded } from "./bounded.ts";
import type { Identity } from "./identity.ts";
import { sameSiteContext, siteRelation, type Initiation } from "./initiation.ts";
import { USER_AGENT } from "./request-fields.ts";
import { endpointOf, openTo } from "./site-connection.ts";

export interface SocketRequest {
  /** `wss:`, or `ws:` of a page that came over plain http. */
  readonly url: URL;
  readonly firstParty: string;
  /** The origin whose script asks. */
  readonly initiator: URL;
  /** What the page speaks, best first (RFC 6455 §1.9). */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
}

export interface OpenedSocket {
  /** Of frames (RFC 6455 §5). */
  readonly stream: Duplex;
  /** The protocol that the site chose; empty: none. */
  readonly protocol: string;
}

/** RFC 6455 §1.3 */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Milliseconds for the site's answer once there is a connection. */
const ANSWER_DEADLINE_MS = 60_000;

/**
 * Opens a WebSocket (RFC 6455 §4.1), with the site's cookies and the page's origin.
 * @throws TaborError of the connection; refused, or not-authentic for an answer that was not made for this request.
 */
export async function openSocket(
  request: SocketRequest,
  identity: Identity,
  init: FetcherInit,
): Promise<OpenedSocket> {
  const { signal, firstParty, protocols } = request;
  const url = httpUrlOf(request);
  const initiation = initiationOf(request, url);
  const opened = await openTo(endpointOf(url, identity.isolation(firstParty)), init, {
    signal,
    onProgress: () => undefined,
  });
  const stream: Duplex = opened.secure ?? opened.stream;
  const { clock, random } = init;
  const deadline = { ms: ANSWER_DEADLINE_MS, says: "the site did not answer in time" };
  return bounded(stream, { clock, deadline, signal }, async () => {
    const key = base64(randomBytes(random, 16));
    const { cookies } = identity.site(firstParty);
    const context = sameSiteContext(initiation);
    const fields = fieldsOf(initiation, { key, protocols, cookie: cookies.fieldFor(url, context) });
    const target = url.pathname + url.search;
    const upgraded = await upgrade(stream, { method: "GET", target, fields });
    cookies.store(url, upgraded.head.fields.all("set-cookie"), context);
    await verify(upgraded.head.fields, key);
    return { stream: upgraded.stream, protocol: chosen(upgraded.head.fields, protocols) };
  });
}

/** Without encryption only from pages that came without. */
function httpUrlOf({ url, initiator }: SocketRequest): URL {
  if (url.protocol === "ws:" && initiator.protocol !== "http:")
    throw new TaborError("protocol", "here", "a page that came over https opens no connection without");
  if (url.protocol !== "ws:" && url.protocol !== "wss:")
    throw new TaborError("usage", "here", "not the address of a WebSocket");
  return new URL(url.href.replace(/^ws/, "http"));
}

function initiationOf({ firstParty, initiator }: SocketRequest, url: URL): Initiation {
  return { use: "fetch", method: "GET", mode: "cors", firstParty, initiator, via: [], url };
}

interface Opening {
  readonly key: string;
  readonly protocols: readonly string[];
  readonly cookie: string | undefined;
}

/** In the order in which Firefox sends them, but for the extension, which is not spoken. */
function fieldsOf(initiation: Initiation, { key, protocols, cookie }: Opening): [string, string][] {
  const { url, initiator } = initiation;
  const lines: [string, string | undefined][] = [
    ["Host", url.host],
    ["User-Agent", USER_AGENT],
    ["Accept", "*/*"],
    ["Accept-Language", "en-US,en;q=0.5"],
    ["Accept-Encoding", url.protocol === "https:" ? "gzip, deflate, br" : "gzip, deflate"],
    ["Sec-WebSocket-Version", "13"],
    ["Origin", initiator?.origin],
    ["Sec-WebSocket-Protocol", protocols.length === 0 ? undefined : protocols.join(", ")],
    ["Sec-WebSocket-Key", key],
    ["Connection", "keep-alive, Upgrade"],
    ["Cookie", cookie],
    ["Sec-Fetch-Dest", "empty"],
    ["Sec-Fetch-Mode", "websocket"],
    ["Sec-Fetch-Site", siteRelation(initiation)],
    ["Pragma", "no-cache"],
    ["Cache-Control", "no-cache"],
    ["Upgrade", "websocket"],
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** RFC 6455 §4.1, what the client must check of the answer. */
async function verify(fields: Fields, key: string): Promise<void> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + MAGIC));
  const isMeant =
    fields.list("upgrade").includes("websocket") &&
    fields.list("connection").includes("upgrade") &&
    fields.first("sec-websocket-accept") === base64(new Uint8Array(digest)) &&
    fields.first("sec-websocket-extensions") === undefined;
  if (!isMeant) throw new TaborError("not-authentic", "site", "it does not speak WebSocket");
}

/** A protocol that was not offered ends it. */
function chosen(fields: Fields, offered: readonly string[]): string {
  const protocol = fields.first("sec-websocket-protocol");
  if (protocol !== undefined && !offered.includes(protocol))
    throw new TaborError("protocol", "site", "it chose a protocol that was not offered");
  return protocol ?? "";
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
