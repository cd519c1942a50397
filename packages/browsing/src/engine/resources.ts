import { charsetOfText, decodeText, mediaTypeOf, peek, readUpTo, SNIFF_LENGTH } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import { MAX_REDIRECTS, type FetchRequest, type FetchResponse } from "../fetching/api.ts";
import { isHttp } from "../view/http-url.ts";
import type { HeaderList } from "../view/headers.ts";
import type { Addresses } from "./addresses.ts";
import { bounded, counted, GIVEN_UP, watched } from "./bodies.ts";
import { fetchOf } from "./fetch-of.ts";
import { imageTypeOf } from "./image-type.ts";
import type { EngineInit } from "./ports.ts";
import type { Navigation, Tab } from "./tab.ts";
import { answer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

/** Bounds on what a part of a page may bring into the browser's memory. */
const MAX_STYLE_BYTES = 8 << 20;
const MAX_TRACK_BYTES = 4 << 20;
const MAX_IMAGE_BYTES = 128 << 20;

/** What media elements need to seek (RFC 9110 §14). */
const RANGE_FIELDS = ["accept-ranges", "content-range"] as const;

/** A part of a page, under way. */
interface Load {
  readonly request: ViewRequest;
  readonly tab: Tab;
  readonly navigation: Navigation;
}

export interface ResourceDeps extends EngineInit {
  readonly addresses: Addresses;
}

/** Fetches the parts of pages: styles, pictures, sound and video. */
export class Resources {
  readonly #deps: ResourceDeps;

  constructor(deps: ResourceDeps) {
    this.#deps = deps;
  }

  /** Never throws: what cannot be had is answered as a server would that does not have it. */
  async answer(request: ViewRequest, tab: Tab): Promise<ViewAnswer> {
    const navigation = tab.shown;
    if (navigation === undefined || !isAllowed(request)) return answer({ level: tab.level, status: 403 });
    const load = { request, tab, navigation };
    tab.count(navigation, { asked: 1 });
    try {
      const shown = await this.#respond(await this.#follow(load), load);
      return { ...shown, body: watchedBody(shown.body, load) };
    } catch {
      tab.count(navigation, { failed: 1 });
      return answer({ level: tab.level, status: 502 });
    }
  }

  /** Redirects of parts need not be seen by the browser: what they lead to has no address of its own in a page. */
  async #follow({ request, tab, navigation }: Load): Promise<FetchResponse> {
    let next: FetchRequest = await fetchOf(request, {
      insecureAllowed: navigation.url.protocol === "http:" && tab.insecureSite === request.content.firstParty,
      signal: AbortSignal.any([request.signal, navigation.ending.signal]),
    });
    for (;;) {
      const outcome = await this.#deps.fetcher.fetch(next);
      if (outcome.kind === "response") return outcome.response;
      if (outcome.kind === "needs-consent") throw new TaborError("protocol", "site", outcome.reason);
      const { from, location } = outcome.redirect;
      if (!isHttp(location) || next.via.length >= MAX_REDIRECTS) {
        throw new TaborError("resource-limit", "site", "a part of the page redirects to nowhere");
      }
      next = { ...next, url: location, via: [...next.via, from] };
    }
  }

  #respond(response: FetchResponse, load: Load): Promise<ViewAnswer> {
    const { use } = load.request.content;
    switch (use) {
      case "image":
        return this.#image(response, load);
      case "media":
        return Promise.resolve(this.#media(response, load));
      case "style":
        return this.#style(response, load);
      case "track":
        return this.#track(response, load);
      default:
        response.close();
        throw new TaborError("usage", "here", "not a part of a page");
    }
  }

  /** What the first bytes are counts, as in browsers; SVG is a document, and not shown. */
  async #image(response: FetchResponse, { tab }: Load): Promise<ViewAnswer> {
    const { start, body } = await peek(response.body, SNIFF_LENGTH);
    const type = imageTypeOf(start);
    if (type === undefined) {
      response.close();
      throw new TaborError("malformed", "site", "not a picture");
    }
    const headers = [["Content-Type", type]] as const;
    return answer({
      level: tab.level,
      status: response.status,
      headers,
      body: bounded(body, MAX_IMAGE_BYTES),
    });
  }

  #media(response: FetchResponse, { tab }: Load): ViewAnswer {
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
    return answer({ level: tab.level, status, headers, body: response.body });
  }

  async #style(response: FetchResponse, load: Load): Promise<ViewAnswer> {
    const { tab, request } = load;
    const type = mediaTypeOf(response.fields)?.essence ?? "text/css";
    if (type !== "text/css" || response.status >= 400) {
      response.close();
      throw new TaborError("malformed", "site", "not a style sheet");
    }
    const text = await textOf(response, MAX_STYLE_BYTES);
    const { firstParty } = request.content;
    const asker = { tab: tab.number, url: response.url, address: undefined, firstParty, isFrame: true };
    const css = this.#deps.rewriter.css(text, {
      level: tab.level,
      base: response.url,
      mint: (url, use) => this.#deps.addresses.mint(asker, url, use),
    });
    return textAnswer(tab, "text/css", css);
  }

  async #track(response: FetchResponse, { tab }: Load): Promise<ViewAnswer> {
    const text = await textOf(response, MAX_TRACK_BYTES);
    if (!text.startsWith("WEBVTT")) throw new TaborError("malformed", "site", "not a WebVTT track");
    return textAnswer(tab, "text/vtt", text);
  }
}

/** Only what this level shows is fetched at all. */
function isAllowed({ content: { use } }: ViewRequest): boolean {
  return use === "image" || use === "media" || use === "style" || use === "track";
}

async function textOf(response: FetchResponse, limit: number): Promise<string> {
  const { bytes, complete } = await readUpTo(response.body, limit);
  if (!complete) throw new TaborError("resource-limit", "site", "a part of the page is too large");
  return decodeText(bytes, charsetOfText(response.fields, bytes, false)).replace(/^\ufeff/, "");
}

function textAnswer({ level }: Tab, type: string, text: string): ViewAnswer {
  const headers = [["Content-Type", `${type}; charset=utf-8`]] as const;
  return answer({ level, headers, body: new TextEncoder().encode(text) });
}

/** Counts what comes, and how it ends. */
function watchedBody(body: ViewAnswer["body"], { tab, navigation }: Load): ViewAnswer["body"] {
  if (body === undefined || body instanceof Uint8Array) {
    tab.count(navigation, { loaded: 1, bytes: body?.length ?? 0 });
    return body;
  }
  const tallied = counted(body, (bytes) => {
    tab.count(navigation, { bytes });
  });
  return watched(tallied, (outcome) => {
    // Media elements take what they need and leave the rest.
    const isWhole = outcome === undefined || outcome === GIVEN_UP;
    tab.count(navigation, isWhole ? { loaded: 1 } : { failed: 1 });
  });
}
