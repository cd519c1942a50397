import { readUpTo } from "@tabor/http";
import { SeededRandom, VirtualClock } from "@tabor/onion-core/testing";
import type { FetchOutcome, FetchRequest, FetchResponse, Redirect } from "../api.ts";
import { firstPartySite } from "../first-party.ts";
import { SiteFetcher } from "../site-fetcher.ts";
import { latin1, MemoryWeb } from "./memory-web.ts";

/** A fetcher on a web in memory, with time that passes when the test says so. */
export function browse(
  brotliWasm: () => Promise<BufferSource> = () => Promise.reject(new Error("no brotli")),
) {
  const web = new MemoryWeb();
  const clock = new VirtualClock();
  const fetcher = new SiteFetcher({
    opener: web.opener,
    tls: web.tls,
    clock,
    random: new SeededRandom(1),
    brotliWasm,
  });
  const fetch = (url: string, more: Partial<FetchRequest> = {}) => fetcher.fetch(asking(url, more));
  const text = async (url: string, more: Partial<FetchRequest> = {}) =>
    textOf(response(await fetch(url, more)));
  return { web, clock, fetcher, fetch, text };
}

/** A document that somebody typed the address of, unless `more` says otherwise. */
export function asking(href: string, more: Partial<FetchRequest> = {}): FetchRequest {
  const url = new URL(href);
  return {
    url,
    method: "GET",
    use: "document",
    firstParty: firstPartySite(more.initiator ?? url),
    initiator: undefined,
    via: [],
    insecureAllowed: false,
    signal: new AbortController().signal,
    ...more,
  };
}

/** What a document at `href` asks for. */
export function within(href: string, more: Partial<FetchRequest> = {}): Partial<FetchRequest> {
  const initiator = new URL(href);
  return { use: "image", initiator, firstParty: firstPartySite(initiator), ...more };
}

export function response(outcome: FetchOutcome): FetchResponse {
  if (outcome.kind !== "response") throw new Error(`no response but ${outcome.kind}`);
  return outcome.response;
}

export function redirect(outcome: FetchOutcome): Redirect {
  if (outcome.kind !== "redirect") throw new Error(`no redirect but ${outcome.kind}`);
  return outcome.redirect;
}

export async function textOf({ body }: FetchResponse): Promise<string> {
  return latin1((await readUpTo(body, 1e8)).bytes);
}
