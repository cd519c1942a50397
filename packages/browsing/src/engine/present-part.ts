import { charsetOfText, decodeText, mediaTypeOf, peek, readUpTo, SNIFF_LENGTH } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import type { FetchResponse } from "../fetching/api.ts";
import type { HeaderList } from "../view/headers.ts";
import { bounded } from "./bodies.ts";
import { imageTypeOf } from "./image-type.ts";
import type { Rewriter } from "./ports.ts";
import { answer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

/** Bounds on what a part of a page may bring into the browser's memory. */
const MAX_STYLE_BYTES = 8 << 20;
const MAX_TRACK_BYTES = 4 << 20;
const MAX_IMAGE_BYTES = 128 << 20;

/** What media elements need to seek (RFC 9110 §14). */
const RANGE_FIELDS = ["accept-ranges", "content-range"] as const;

/** What the browser gets of a part of a page, at either level. @throws malformed for what is something else; resource-limit. */
export function present(
  response: FetchResponse,
  request: ViewRequest,
  rewriter: Rewriter,
): Promise<ViewAnswer> {
  switch (request.content.use) {
    case "image":
      return presentImage(response);
    case "media":
      return Promise.resolve(presentMedia(response));
    case "style":
      return presentStyle(response, request, rewriter);
    case "track":
      return presentTrack(response);
    default:
      response.close();
      throw new TaborError("usage", "here", "not a part of a page");
  }
}

/** What the first bytes are counts, as in browsers; SVG is a document, and not shown. */
async function presentImage(response: FetchResponse): Promise<ViewAnswer> {
  const { start, body } = await peek(response.body, SNIFF_LENGTH);
  const type = imageTypeOf(start);
  if (type === undefined) {
    response.close();
    throw new TaborError("malformed", "site", "not a picture");
  }
  const headers = [["Content-Type", type]] as const;
  return answer({ status: response.status, headers, body: bounded(body, MAX_IMAGE_BYTES) });
}

function presentMedia(response: FetchResponse): ViewAnswer {
  const { fields, length, status } = response;
  const type = mediaTypeOf(fields)?.essence ?? "";
  if (!/^(?:video|audio)\/[a-z0-9.+-]+$|^application\/(?:ogg|octet-stream)$/.test(type)) {
    response.close();
    throw new TaborError("malformed", "site", "neither sound nor video");
  }
  const headers: HeaderList = [
    ["Content-Type", type],
    ...(length === undefined ? [] : [["Content-Length", String(length)] as const]),
    ...RANGE_FIELDS.flatMap((name) =>
      fields
        .all(name)
        .slice(0, 1)
        .map((value) => [name, value] as const),
    ),
  ];
  return answer({ status, headers, body: response.body });
}

async function presentStyle(
  response: FetchResponse,
  { content, place }: ViewRequest,
  rewriter: Rewriter,
): Promise<ViewAnswer> {
  const type = mediaTypeOf(response.fields)?.essence ?? "text/css";
  if (type !== "text/css" || response.status >= 400) {
    response.close();
    throw new TaborError("malformed", "site", "not a style sheet");
  }
  const text = await textOf(response, MAX_STYLE_BYTES);
  const { firstParty, tab } = content;
  const asker = { tab, url: response.url, address: undefined, firstParty, isFrame: true };
  const css = rewriter.css(text, {
    level: place.level,
    base: response.url,
    mint: (url, use) => place.mint(asker, url, use),
  });
  return textAnswer("text/css", css);
}

async function presentTrack(response: FetchResponse): Promise<ViewAnswer> {
  const text = await textOf(response, MAX_TRACK_BYTES);
  if (!text.startsWith("WEBVTT")) throw new TaborError("malformed", "site", "not a WebVTT track");
  return textAnswer("text/vtt", text);
}

/** Without its byte order mark. @throws resource-limit. */
export async function textOf(response: FetchResponse, limit: number): Promise<string> {
  const { bytes, complete } = await readUpTo(response.body, limit);
  if (!complete) throw new TaborError("resource-limit", "site", "a part of the page is too large");
  return decodeText(bytes, charsetOfText(response.fields, bytes, false)).replace(/^\ufeff/, "");
}

export function textAnswer(type: string, text: string, status = 200): ViewAnswer {
  const headers = [["Content-Type", `${type}; charset=utf-8`]] as const;
  return answer({ status, headers, body: new TextEncoder().encode(text) });
}
