import { TaborError } from "@tabor/onion-core";
import type { Fetcher, FetcherInit, FetchOutcome, FetchRequest } from "./api.ts";
import { brotliDecompressors } from "./brotli.ts";
import { Exchange } from "./exchange.ts";
import { Identity } from "./identity.ts";
import { openSocket, type OpenedSocket, type SocketRequest } from "./web-socket.ts";
import { isNavigation, isTopLevel } from "./initiation.ts";

/** A browser's fetching: https first, and everything apart for each first-party site and identity. */
export class SiteFetcher implements Fetcher {
  readonly #init: FetcherInit;
  readonly #brotli: ReturnType<typeof brotliDecompressors>;
  #epoch = 1;
  #identity: Identity;

  constructor(init: FetcherInit) {
    this.#init = init;
    this.#brotli = brotliDecompressors(init.brotliWasm);
    this.#identity = new Identity(init, this.#epoch, this.#brotli);
  }

  async fetch(request: FetchRequest): Promise<FetchOutcome> {
    const { url } = request;
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new TaborError("usage", "here", "only http and https addresses can be fetched");
    }
    const identity = this.#identity;
    const isPlain = url.protocol === "http:" && mayBePlain(request, identity);
    const asked = isPlain ? url : secured(url);
    const outcome = await new Exchange(identity, request, asked).run();
    if (outcome.kind !== "unconnected") return outcome;
    if (url.protocol === "https:" || isPlain) throw outcome.error;
    return onlyPlain(request, identity, outcome.error);
  }

  connectAhead(firstParty: string, urls: readonly URL[]): void {
    const distinct = new Map(urls.map((url) => [url.href, url]));
    this.#identity.connectAhead(firstParty, distinct.values());
  }

  openSocket(request: SocketRequest): Promise<OpenedSocket> {
    return openSocket(request, this.#identity, this.#init);
  }

  scriptCookies(firstParty: string, url: URL): string {
    return this.#identity.site(firstParty).cookies.forScripts(url);
  }

  setScriptCookie(firstParty: string, url: URL, cookie: string): void {
    this.#identity.site(firstParty).cookies.storeOfScript(url, cookie);
  }

  newCircuit(firstParty: string): void {
    this.#identity.newCircuit(firstParty);
  }

  newIdentity(): void {
    const old = this.#identity;
    this.#epoch += 1;
    this.#identity = new Identity(this.#init, this.#epoch, this.#brotli);
    old.close();
  }
}

/** With the person's consent; but nothing plain within a page that came over https, and nothing that a site has ruled out. */
function mayBePlain(
  { url, use, initiator, insecureAllowed, firstParty }: FetchRequest,
  identity: Identity,
): boolean {
  if (!insecureAllowed || identity.site(firstParty).strictTransport.requires(url)) return false;
  return isNavigation(use) || initiator?.protocol !== "https:";
}

/** An `http:` address could not be fetched over https: the person may allow it for what the address bar shows. */
function onlyPlain(request: FetchRequest, identity: Identity, error: TaborError): FetchOutcome {
  const { url, use, firstParty } = request;
  const isRuledOut = identity.site(firstParty).strictTransport.requires(url);
  if (isRuledOut || !isTopLevel(use) || !speaksNoHttps(error)) throw error;
  return { kind: "needs-consent", url, reason: error.message };
}

/** The site answers, but not with TLS. A bad certificate is no reason to go on without any. */
function speaksNoHttps({ code, where }: TaborError): boolean {
  if (code === "refused") return true;
  return (
    where === "site" && ["reset", "closed", "timeout", "unreachable", "protocol", "malformed"].includes(code)
  );
}

function secured(url: URL): URL {
  const upgraded = new URL(url);
  upgraded.protocol = "https:";
  return upgraded;
}
