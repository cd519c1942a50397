import { TaborError, type Duplex } from "@tabor/onion-core";
import { receive, type ExchangeOptions, type ExchangeProgress, type HttpResponse } from "./exchange.ts";
import { redirectLocation } from "./redirect.ts";
import { getRequest } from "./request.ts";

/** As many as browsers follow (Fetch §4.4). */
export const MAX_REDIRECTS = 20;

export interface GetOptions extends Omit<ExchangeOptions, "onProgress"> {
  /**
   * Opens a stream to the site of `url` and sends `request` on it; together if it can, which saves a round trip. Called
   * anew for each redirect, so that each site can have its own circuit.
   */
  readonly open: (url: URL, request: Uint8Array, signal: AbortSignal) => Promise<Duplex>;
  readonly onProgress?: (progress: GetProgress) => void;
}

export type GetProgress = { readonly url: URL } & ({ readonly stage: "opening" } | ExchangeProgress);

/** What became of a GET; `url` is where the redirects led, with the fragment. */
export type GetOutcome = { readonly url: URL; readonly redirects: readonly URL[] } & (
  | { readonly kind: "response"; readonly response: HttpResponse }
  /** An `https:` address, asked for or redirected to: nothing was sent to it. */
  | { readonly kind: "needs-tls" }
  /** Neither `http:` nor `https:`: nothing was sent to it. */
  | { readonly kind: "unsupported-scheme" }
);

/**
 * Fetches `url` and follows redirects from `http:` to `http:`.
 * @throws TaborError of `open`, of the connection, or with `where: "site"`: malformed, resource-limit (too many
 * redirects, or more than a bound), timeout, closed; aborted when `signal` says so.
 */
export async function get(url: URL, options: GetOptions): Promise<GetOutcome> {
  const redirects: URL[] = [];
  for (let current = url; ;) {
    if (current.protocol === "https:") return { kind: "needs-tls", url: current, redirects };
    if (current.protocol !== "http:") return { kind: "unsupported-scheme", url: current, redirects };
    const response = await getOnce(current, options);
    const next = nextOf(response, current);
    if (next === undefined) return { kind: "response", url: current, redirects, response };
    response.close();
    if (redirects.push(current) > MAX_REDIRECTS) {
      throw new TaborError("resource-limit", "site", "the site redirects in circles");
    }
    current = next;
  }
}

async function getOnce(url: URL, options: GetOptions): Promise<HttpResponse> {
  const { onProgress, open, ...rest } = options;
  onProgress?.({ stage: "opening", url });
  const stream = await open(url, getRequest(url), options.signal);
  return receive(stream, {
    ...rest,
    onProgress: (progress) => {
      onProgress?.({ ...progress, url });
    },
  });
}

function nextOf(response: HttpResponse, from: URL): URL | undefined {
  try {
    return redirectLocation(response, from);
  } catch (thrown) {
    response.close();
    throw thrown;
  }
}
