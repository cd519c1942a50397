import {
  charsetOfText,
  contentKind,
  decodeText,
  fileNameOf,
  mediaTypeOf,
  peek,
  readUpTo,
  SNIFF_LENGTH,
} from "@tabor/http";
import { TaborError, toTaborError, type CircuitInfo } from "@tabor/onion-core";
import type { RewrittenHtml, UrlUse } from "@tabor/rewrite";
import type { EngineEvent } from "../api.ts";
import type { FetchOutcome, FetchResponse, Redirect } from "../fetching/api.ts";
import { firstPartySite } from "../fetching/first-party.ts";
import { bareUrl, isHttp } from "../view/http-url.ts";
import { isTopUse } from "../view/uses.ts";
import { watched } from "./bodies.ts";
import type { Downloads } from "./downloads.ts";
import {
  consentPage,
  cutBar,
  errorPage,
  notFramablePage,
  otherProgramPage,
  refreshBar,
  tooManyFramesPage,
} from "./error-page.ts";
import { bodyOf, fetchOf, targetOf } from "./fetch-of.ts";
import type { Icons } from "./icons.ts";
import { leadOn } from "./leads.ts";
import { progressSentence } from "./progress-sentence.ts";
import { isCircuitLoss, MAX_RECOVERIES } from "./recovery.ts";
import { mayBeFramed } from "./standard/framing.ts";
import { playerPage } from "./player-page.ts";
import type { Asker, Place } from "./place.ts";
import type { EngineInit } from "./ports.ts";
import type { HeldForm, Navigation, Tab } from "./tab.ts";
import { Tether } from "./tether.ts";
import { answer, htmlAnswer, stayAnswer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

/** What is held of a page, to be rewritten; a longer one is cut and says so. */
const MAX_HTML_BYTES = 16 << 20;
/** Fewer than browsers follow (20, Fetch §4.4): one that gives up by itself tells nobody, and the tab would wait for ever. */
const MAX_REDIRECTS = 18;

export interface DocumentDeps extends EngineInit {
  readonly downloads: Downloads;
  readonly icons: Icons;
  readonly emit: (event: EngineEvent) => void;
}

/** One document that a frame asked for. `navigation` undefined: of a frame within a page. */
interface Load {
  readonly request: ViewRequest;
  readonly tab: Tab;
  readonly navigation: Navigation | undefined;
  readonly tether: Tether;
  /** Which circuit was used, or tried, last. */
  readonly way: { circuit: CircuitInfo | undefined };
}

/** Fetches documents and makes them safe to show; tells what becomes of the tab. */
export class Documents {
  readonly #deps: DocumentDeps;

  constructor(deps: DocumentDeps) {
    this.#deps = deps;
  }

  /** What cannot be shown is answered with a page that says so. @throws protocol for a form that is not what it says. */
  async answer(asked: ViewRequest, tab: Tab): Promise<ViewAnswer> {
    const led = await leadOn(asked, tab, this.#deps);
    return "stay" in led ? led.stay : this.#carryOut(led.go, tab);
  }

  async #carryOut(request: ViewRequest, tab: Tab): Promise<ViewAnswer> {
    const isTop = isTopUse(request.content.use);
    const navigation = isTop ? tab.begin(targetOf(request), request.traversed) : undefined;
    const ending = navigation?.ending ?? tab.shown?.ending;
    const tether = new Tether(ending === undefined ? [request.signal] : [request.signal, ending.signal]);
    const load = { request, tab, navigation, tether, way: { circuit: undefined } };
    for (let recoveries = 0; ; recoveries++) {
      try {
        return await this.#attempt(load, recoveries);
      } catch (thrown) {
        const error = toTaborError(thrown, "here", "loading a page");
        const mayHelp = request.method === "GET" && isCircuitLoss(error) && recoveries < MAX_RECOVERIES;
        if (!mayHelp || tether.signal.aborted) return this.#failed(error, load);
      }
    }
  }

  async #attempt(load: Load, recoveries: number): Promise<ViewAnswer> {
    const { request, navigation } = load;
    if (navigation === undefined && !request.place.shows(request.content.url))
      return this.#elsewhere(targetOf(request), load, await formOf(request));
    return this.#present(await this.#fetch(load, recoveries), load);
  }

  async #fetch(load: Load, recoveries: number): Promise<FetchOutcome> {
    const { request, tab, navigation, tether, way } = load;
    const { firstParty, url } = request.content;
    if (!request.place.shows(url)) throw tooLargeForElsewhere();
    const fetching = await fetchOf(request, {
      insecureAllowed: tab.insecureSite === firstParty,
      signal: tether.signal,
      onProgress: (progress) => {
        if (progress.stage === "waiting") way.circuit = progress.circuit ?? way.circuit;
        if (navigation === undefined) return;
        const sentence = progressSentence(progress, recoveries);
        this.#deps.emit({ type: "progress", tab: tab.id, navigation: navigation.id, sentence });
      },
    });
    return this.#deps.fetcher.fetch(fetching);
  }

  async #present(outcome: FetchOutcome, load: Load): Promise<ViewAnswer> {
    switch (outcome.kind) {
      case "redirect":
        return this.#redirect(outcome.redirect, load);
      case "needs-consent":
        return this.#needsConsent(outcome, load);
      case "response":
        return this.#respond(outcome.response, load);
    }
  }

  /** The browser follows, so that what comes has the address it was found at. */
  #redirect({ location, status, keepsBody }: Redirect, load: Load): ViewAnswer | Promise<ViewAnswer> {
    const { request, tab, navigation } = load;
    const { content, place } = request;
    if (!isHttp(location)) return this.#unshown(otherProgramPage(location), load);
    if (content.via.length >= MAX_REDIRECTS) throw inCircles();
    const isTop = isTopUse(content.use);
    const use = keepsBody ? (isTop ? "form" : "frame-form") : isTop ? "document" : "frame";
    const { fields, body } = request;
    const form = keepsBody && body instanceof Uint8Array ? { fields, body } : undefined;
    const address = place.redirected(request, location, use);
    if (address === undefined) return this.#elsewhere(location, load, form);
    if (navigation !== undefined) tab.drop(navigation);
    if (form !== undefined) tab.keepForm(content.lead, form);
    return answer({ status, headers: [["Location", address]] });
  }

  /** It is of another origin: the frame is to be sent where that is shown. */
  async #elsewhere(url: URL, { request, tab, navigation }: Load, form?: HeldForm): Promise<ViewAnswer> {
    const { content, place } = request;
    // Not if it is what the frame was sent to: nobody was asked yet.
    const way = place.shows(content.url) ? [...content.via, content.url] : content.via;
    const via = way.map((step) => new URL("/", step));
    if (navigation === undefined) {
      const address = await place.framed({ ...content, via }, url, form);
      return address === undefined
        ? htmlAnswer(tooManyFramesPage(url))
        : answer({ status: 302, headers: [["Location", address]] });
    }
    const use = form === undefined ? "document" : "form";
    const address = place.led({ ...content, use, via }, url, tab.lead(form));
    tab.drop(navigation);
    const led = { tab: tab.id, url: url.href, address, traversed: false };
    this.#deps.emit({ type: "lead", ...led, redirects: navigation.id });
    return stayAnswer();
  }

  #needsConsent({ url, reason }: { url: URL; reason: string }, load: Load): ViewAnswer {
    const { tab, navigation } = load;
    if (navigation !== undefined) {
      this.#deps.emit({ type: "needs-consent", tab: tab.id, navigation: navigation.id, url: url.href });
    }
    return this.#unshown(consentPage(url, reason), load);
  }

  /** A page of ours in place of the site's. */
  #unshown(html: string, { tab, navigation }: Load): ViewAnswer {
    if (navigation !== undefined) tab.commit(navigation, undefined);
    return htmlAnswer(html);
  }

  async #respond(response: FetchResponse, load: Load): Promise<ViewAnswer> {
    if (!load.request.place.shows(response.url)) {
      response.close();
      return this.#elsewhere(response.url, load);
    }
    if (response.status === 204 || response.status === 205) {
      response.close();
      this.#finish(load);
      return stayAnswer();
    }
    if (!isFramable(response, load)) {
      response.close();
      return htmlAnswer(notFramablePage(response.url));
    }
    const { start, body } = await peek(response.body, SNIFF_LENGTH);
    const content = contentKind(response.fields, start);
    const whole = { ...response, body };
    switch (content.kind) {
      case "html":
        return this.#html(whole, load);
      case "text":
        return this.#stream(
          whole,
          `text/plain; charset=${charsetOfText(response.fields, start, false)}`,
          load,
        );
      case "image":
        return this.#stream(whole, content.type, load);
      case "download":
        return this.#other(whole, load);
    }
  }

  async #html(response: FetchResponse, load: Load): Promise<ViewAnswer> {
    const { request, tab, navigation } = load;
    const { place } = request;
    const { bytes, complete } = await readUpTo(response.body, MAX_HTML_BYTES);
    const asker = this.#asker(response, load);
    const charset = charsetOfText(response.fields, bytes, true);
    const parts: URL[] = [];
    const rewritten = this.#deps.rewriter.html(decodeText(bytes, charset), {
      level: place.level,
      base: response.url,
      charset,
      mint: (url, use) => {
        if (isPart(use)) parts.push(url);
        return place.mint(asker, url, use);
      },
      head: place.headOf(asker, request),
    });
    this.#deps.fetcher.connectAhead(asker.firstParty, parts);
    this.#commit(response, load);
    if (navigation !== undefined) {
      this.#title(rewritten.title, tab, navigation);
      this.#deps.icons.show({
        tab,
        navigation,
        firstParty: asker.firstParty,
        page: response.url,
        named: rewritten.icons,
      });
    }
    this.#finish(load);
    const bars = this.#bars(rewritten, { asker, complete, place });
    return htmlAnswer(`${rewritten.html}${bars}`, response.status);
  }

  #asker({ url }: FetchResponse, { request, tab, navigation }: Load): Asker {
    const { content, method, address } = request;
    const firstParty = navigation === undefined ? content.firstParty : firstPartySite(url);
    // A form that the browser itself sent would be sent again there.
    const again = method === "GET" || content.lead !== 0 ? address : undefined;
    return {
      tab: tab.number,
      url: bareUrl(url),
      address: again,
      firstParty,
      isFrame: navigation === undefined,
    };
  }

  #bars(
    { refresh, cut }: RewrittenHtml,
    { asker, complete, place }: { readonly asker: Asker; readonly complete: boolean; readonly place: Place },
  ): string {
    const parts: string[] = [];
    if (cut || !complete) parts.push(cutBar());
    if (refresh !== undefined && isHttp(refresh.url)) {
      const { url } = refresh;
      parts.push(refreshBar(place.mint(asker, url, "document") + url.hash, url));
    }
    return parts.join("");
  }

  /** Shown as it is: the browser's own viewer for text or a picture. */
  #stream(response: FetchResponse, type: string, load: Load): ViewAnswer {
    const { tab, navigation } = load;
    this.#commit(response, load);
    if (navigation !== undefined) this.#title(fileNameOf(response.fields, response.url), tab, navigation);
    const body = watched(response.body, () => {
      this.#finish(load);
    });
    return answer({ status: response.status, headers: [["Content-Type", type]], body });
  }

  /** Video and sound are played, everything else is offered for saving. */
  #other(response: FetchResponse, load: Load): ViewAnswer {
    const { tab, navigation } = load;
    const type = mediaTypeOf(response.fields)?.essence ?? "";
    const isAttachment = /^\s*attachment\b/i.test(response.fields.first("content-disposition") ?? "");
    if (/^(?:video|audio)\//.test(type) && !isAttachment) {
      response.close();
      const asker = this.#asker(response, load);
      const source = load.request.place.mint(asker, response.url, "media");
      this.#commit(response, load);
      this.#finish(load);
      return htmlAnswer(playerPage(type, source, fileNameOf(response.fields, response.url)));
    }
    if (navigation === undefined) {
      response.close();
      throw new TaborError("usage", "here", "a frame of a page may not start a download");
    }
    // The frame stays where it is, and so its request is over: the download is not.
    load.tether.release();
    this.#deps.downloads.offer(tab.id, response);
    tab.drop(navigation);
    this.#finish(load);
    return stayAnswer();
  }

  #commit({ url, status, tls, circuit }: FetchResponse, { tab, navigation }: Load): void {
    if (navigation === undefined) return;
    const site = firstPartySite(url);
    tab.commit(navigation, site);
    const info = { site, tls, circuit };
    this.#deps.emit({
      type: "committed",
      tab: tab.id,
      navigation: navigation.id,
      url: url.href,
      status,
      site: info,
    });
  }

  #title(title: string, tab: Tab, navigation: Navigation): void {
    this.#deps.emit({ type: "title", tab: tab.id, navigation: navigation.id, title });
  }

  #finish({ tab, navigation }: Load): void {
    if (navigation === undefined) return;
    tab.drop(navigation);
    this.#deps.emit({ type: "finished", tab: tab.id, navigation: navigation.id });
  }

  #failed(reason: TaborError, load: Load): ViewAnswer {
    const { request, tab, navigation } = load;
    const { signal } = load.tether;
    const url = targetOf(request);
    const isStopped = signal.aborted;
    const error = isStopped ? toTaborError(signal.reason, "here", "loading a page") : reason;
    if (navigation !== undefined) {
      const fields = { tab: tab.id, navigation: navigation.id, url: url.href };
      this.#deps.emit({ type: "failed", ...fields, error, circuit: load.way.circuit });
      if (!isStopped) tab.commit(navigation, undefined);
      tab.drop(navigation);
    }
    // What was stopped leaves in place what was there.
    if (isStopped && tab.shown !== undefined) return stayAnswer();
    return htmlAnswer(errorPage(error, url), 502);
  }
}

function inCircles(): TaborError {
  return new TaborError("resource-limit", "site", "the site redirects in circles");
}

/** What a form of a frame sends, if it is one. @throws resource-limit for more than is held; protocol. */
async function formOf(request: ViewRequest): Promise<HeldForm | undefined> {
  if (request.method !== "POST") return undefined;
  const body = await bodyOf(request);
  if (!(body instanceof Uint8Array)) throw tooLargeForElsewhere();
  return { fields: request.fields, body };
}

function isFramable({ fields, url }: FetchResponse, { request, navigation }: Load): boolean {
  const ancestors = navigation === undefined ? request.place.ancestorsOf(request.content) : [];
  return ancestors.length === 0 || mayBeFramed(fields, url, ancestors);
}

/** What is too large to be held for it is sent from where the page is shown, which is no place for another origin's answer. */
function tooLargeForElsewhere(): TaborError {
  return new TaborError(
    "resource-limit",
    "here",
    "a form of this size is only sent to the page's own origin",
  );
}

/** What the browser asks for as soon as it has read the page. */
function isPart(use: UrlUse): boolean {
  return use === "style" || use === "script" || use === "font" || use === "image" || use === "frame";
}
