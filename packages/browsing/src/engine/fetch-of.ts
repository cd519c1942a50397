import { Fields } from "@tabor/http";
import { concat, TaborError, type Duplex } from "@tabor/onion-core";
import type { FetchBody, FetchProgress, FetchRequest, FetchUse } from "../fetching/api.ts";
import { isFormUse, type ViewUse } from "../view/uses.ts";
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
  const { content, reload } = request;
  const method = methodOf(request);
  const body = method === "GET" || method === "HEAD" ? undefined : await bodyOf(request);
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

function fetchUse(use: ViewUse): FetchUse {
  switch (use) {
    case "frame-form":
      return "frame";
    case "worker":
      return "script";
    default:
      return use;
  }
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** @throws usage for a method that is not sent. */
function methodOf({ method }: Pick<ViewRequest, "method">): FetchRequest["method"] {
  const known = METHODS.find((one) => one === method);
  if (known === undefined) throw new TaborError("usage", "here", "a method that is not sent");
  return known;
}

/** Of scripts' own requests all fields go along that the site is to be sent (`requestFields`), of all others what the view needs. */
function fieldsOf({ content: { use }, method, fields }: ViewRequest): Fields {
  const lines: [string, string][] = [];
  const range = fields.first("range");
  const contentType = fields.first("content-type");
  if (use === "fetch") return ofScript(fields);
  if (use === "media" && range !== undefined && ONE_RANGE.test(range)) lines.push(["range", range]);
  if (method === "POST" && contentType !== undefined) lines.push(["content-type", contentType]);
  return new Fields(lines);
}

/** Without what the browser adds by itself, and what scripts may not set (Fetch §2.2.2, "forbidden request-header"). */
function ofScript(fields: Fields): Fields {
  return new Fields(
    [...fields].filter(
      ([name, value]) =>
        !/^(?:access-control-.*|sec-.*|proxy-.*|user-agent|upgrade-insecure-requests)$/.test(name) &&
        (name !== "range" || ONE_RANGE.test(value)),
    ),
  );
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
