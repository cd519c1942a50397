import { TaborError, type Duplex } from "@tabor/onion-core";
import { malformed } from "./errors.ts";
import { parseUrl } from "./url.ts";
import { receive, type ExchangeOptions, type ExchangeProgress, type HttpResponse } from "./exchange.ts";
import { getRequest } from "./request.ts";

/** As many as browsers follow (Fetch §4.4). */
export const MAX_REDIRECTS = 20;

const REDIRECT_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

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
    const next = redirectTarget(response, current);
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

/** RFC 9110 §10.2.2: relative to the URL it came from, whose fragment it inherits. */
function redirectTarget(response: HttpResponse, from: URL): URL | undefined {
  if (!REDIRECT_STATUS.has(response.status)) return undefined;
  const locations = new Set(response.fields.all("location"));
  const [location] = locations;
  if (location === undefined) return undefined;
  const target = locations.size === 1 ? parseUrl(percentEncodeBytes(location), from) : undefined;
  if (target === undefined) {
    response.close();
    throw malformed("a redirect to an impossible address");
  }
  if (!location.includes("#")) target.hash = from.hash;
  return target;
}

/** Field values are bytes; those above ASCII are most often UTF-8, and percent-encoding keeps them as they are. */
function percentEncodeBytes(latin1: string): string {
  return latin1.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
