import { TaborError, toTaborError } from "@tabor/onion-core";
import { MAX_REDIRECTS, type FetchRequest, type FetchResponse } from "../fetching/api.ts";
import { isHttp } from "../view/http-url.ts";
import type { ViewUse } from "../view/uses.ts";
import { counted, GIVEN_UP, watched } from "./bodies.ts";
import { fetchOf } from "./fetch-of.ts";
import type { EngineInit } from "./ports.ts";
import { present } from "./present-part.ts";
import { presentAtStandard, presentUnfollowed } from "./standard/present-part.ts";
import { crossFetch } from "./standard/cross-fetch.ts";
import type { Navigation, Tab } from "./tab.ts";
import { answer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

/** A part of a page, under way. */
interface Load {
  readonly request: ViewRequest;
  readonly tab: Tab;
  readonly navigation: Navigation;
}

/** Fetches the parts of pages: styles, pictures, sound and video; at Standard also scripts, fonts and what scripts ask for. */
export class Resources {
  readonly #deps: EngineInit;

  constructor(deps: EngineInit) {
    this.#deps = deps;
  }

  /**
   * What cannot be had is answered as a server would that does not have it.
   * @throws TaborError at Standard, where scripts tell an answer from none: for the browser it is a network error.
   */
  async answer(request: ViewRequest, tab: Tab): Promise<ViewAnswer> {
    const navigation = tab.shown;
    if (navigation === undefined || !isAllowed(request)) return failedPart(request, notAPart());
    const load = { request, tab, navigation };
    tab.count(navigation, { asked: 1 });
    try {
      const shown = await this.#get(load);
      return { ...shown, body: watchedBody(shown.body, load) };
    } catch (thrown) {
      tab.count(navigation, { failed: 1 });
      return failedPart(request, thrown);
    }
  }

  async #get(load: Load): Promise<ViewAnswer> {
    const { request } = load;
    const { rewriter } = this.#deps;
    const fetching = await this.#fetchOf(load);
    if (request.place.level === "safest") return present(await this.#follow(fetching), request, rewriter);
    const fetched = await this.#crossFetch(fetching, request);
    return "redirect" in fetched ? presentUnfollowed(fetched) : presentAtStandard(fetched, request, rewriter);
  }

  #fetchOf({ request, tab, navigation }: Load): Promise<FetchRequest> {
    return fetchOf(request, {
      insecureAllowed: navigation.url.protocol === "http:" && tab.insecureSite === request.content.firstParty,
      signal: AbortSignal.any([request.signal, navigation.ending.signal]),
    });
  }

  #crossFetch(
    fetching: FetchRequest,
    { mode, credentials, redirect }: ViewRequest,
  ): ReturnType<typeof crossFetch> {
    const { initiator } = fetching;
    if (initiator === undefined || mode === "navigate") throw notAPart();
    return crossFetch({ ...fetching, initiator, mode, credentials, redirect }, this.#deps.fetcher);
  }

  /** Redirects of parts need not be seen by the browser: what they lead to has no address of its own in a page. */
  async #follow(first: FetchRequest): Promise<FetchResponse> {
    let next = first;
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
}

const AT_SAFEST: ReadonlySet<ViewUse> = new Set(["image", "media", "style", "track"]);
const AT_STANDARD: ReadonlySet<ViewUse> = new Set([...AT_SAFEST, "font", "script", "worker", "fetch"]);

/** Only what this level shows is fetched at all. */
function isAllowed({ content: { use }, place: { level } }: ViewRequest): boolean {
  return (level === "safest" ? AT_SAFEST : AT_STANDARD).has(use);
}

function failedPart({ place }: ViewRequest, thrown: unknown): ViewAnswer {
  if (place.level === "standard") throw toTaborError(thrown, "here", "loading a part of a page");
  return answer({ status: 502 });
}

function notAPart(): TaborError {
  return new TaborError("usage", "here", "not a part of a page");
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
