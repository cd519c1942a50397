import { Fields } from "@tabor/http";
import { concat, TaborError, type Duplex } from "@tabor/onion-core";
import type { FetchBody, FetchProgress, FetchRequest } from "../fetching/api.ts";
import { isFormUse, type ViewUse } from "../view/uses.ts";
import type { UrlUse } from "@tabor/rewrite";
import type { ViewRequest } from "./view-answer.ts";

/** Bodies up to this are held, so that they have a length and can be sent again. */
const MAX_HELD_BODY = 1 << 20;
/** RFC 9110 §14.1.2, of one range; what media elements ask for. */
const ONE_RANGE = /^bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})$/;

interface FetchContext {
  readonly insecureAllowed: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** The request to a site that a request of the browser's stands for. */
export async function fetchOf(request: ViewRequest, context: FetchContext): Promise<FetchRequest> {
  const { content, method, reload } = request;
  const body = method === "POST" ? await bodyOf(request) : undefined;
  return {
    ...context,
    url: targetOf(request),
    method,
    use: fetchUse(content.use),
    firstParty: content.firstParty,
    initiator: content.initiator,
    via: content.via,
    fields: fieldsOf(request),
    cache: reload ? "reload" : "default",
    ...(body === undefined ? {} : { body }),
  };
}

/** With its fragment. A form with GET replaces its action's query (HTML, "mutate action URL"). */
export function targetOf({ content, method, query, fragment }: ViewRequest): URL {
  const url = new URL(content.url);
  if (isFormUse(content.use) && method === "GET" && query !== "") url.search = query;
  url.hash = fragment;
  return url;
}

function fetchUse(use: ViewUse): UrlUse {
  return use === "frame-form" ? "frame" : use;
}

function fieldsOf({ content: { use }, method, fields: { range, contentType } }: ViewRequest): Fields {
  const lines: [string, string][] = [];
  if (use === "media" && range !== undefined && ONE_RANGE.test(range)) lines.push(["range", range]);
  if (method === "POST" && contentType !== undefined) lines.push(["content-type", contentType]);
  return new Fields(lines);
}

/** Bytes if they are few. @throws protocol if they are not as many as was said. */
export async function bodyOf({ body }: Pick<ViewRequest, "body">): Promise<FetchBody> {
  if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array(0);
  const bytes = piecesOf(body.stream, body.length);
  if (body.length > MAX_HELD_BODY) return { length: body.length, bytes };
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return concat(...pieces);
}

/** @throws protocol for more or fewer bytes than were announced. */
async function* piecesOf(stream: Duplex, length: number): AsyncGenerator<Uint8Array, void> {
  let left = length;
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw new TaborError("protocol", "here", "a form of another length than it says");
}
