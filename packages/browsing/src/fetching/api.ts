import type { Fields } from "@tabor/http";
import type { CircuitInfo, Clock, Random } from "@tabor/onion-core";
import type { UrlUse } from "@tabor/rewrite";
import type { StreamOpener, TlsClient, TlsInfo } from "../api.ts";
import type { OpenedSocket, SocketRequest } from "./web-socket.ts";

/**
 * What lies between the view and the network: connections, cookies, cache, uniform request fields, https first.
 * Everything is kept in memory, apart for each first-party site, and forgotten with the identity.
 */

export interface FetcherInit {
  readonly opener: StreamOpener;
  readonly tls: TlsClient;
  readonly clock: Clock;
  readonly random: Random;
  /** The bytes of brotli-dec-wasm's module; asked for when the first site sends `br`. */
  readonly brotliWasm: () => Promise<BufferSource>;
}

/** `fetch`: what scripts ask for. */
export type FetchUse = UrlUse | "fetch";

export interface FetchRequest {
  /** `http:` or `https:`; user name, password and fragment are never sent. */
  readonly url: URL;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  readonly use: FetchUse;
  /** First-party site: of the address bar (`firstPartySite`). For a document in the address bar, that of `url`. */
  readonly firstParty: string;
  /** The document or sheet that asks; undefined: the address bar, a bookmark, history. */
  readonly initiator: URL | undefined;
  /** Redirects that led here, first address first; none: []. */
  readonly via: readonly URL[];
  /** What the page's request brings along and is passed on: `content-type`, `range`; for `fetch` any other of a script's. */
  readonly fields?: Fields;
  readonly body?: FetchBody;
  /** The person allows plain `http:` for this request: it is sent as it is, unless the site demands https (RFC 6797). */
  readonly insecureAllowed: boolean;
  /** `reload`: ask the site whatever is stored (Fetch "no-cache"). `no-store`: neither read nor kept. */
  readonly cache?: "default" | "reload" | "no-store";
  /** As in Fetch §2.2.5; by default what HTML gives to `use`. */
  readonly mode?: RequestMode;
  /** As in Fetch §2.2.5; by default "include", for `cors` "same-origin". */
  readonly credentials?: RequestCredentials;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** Bytes can be sent again, a stream cannot. `length` undefined: sent in chunks. */
export type FetchBody =
  Uint8Array | { readonly length: number | undefined; readonly bytes: AsyncIterable<Uint8Array> };

export type FetchProgress =
  /** A sentence for people: what is waited for; and the circuit that is used, or tried. */
  | { readonly stage: "waiting"; readonly sentence: string; readonly circuit?: CircuitInfo | undefined }
  /** `received` bytes as they travel, out of `total` if the site says how many. */
  | { readonly stage: "receiving"; readonly received: number; readonly total: number | undefined };

export type FetchOutcome =
  | { readonly kind: "response"; readonly response: FetchResponse }
  /** Not followed: the caller does, and counts (`MAX_REDIRECTS`). */
  | { readonly kind: "redirect"; readonly redirect: Redirect }
  /** https cannot work there, for `reason`; nothing was sent to `url`, which is `http:`. Only the person may go on. */
  | { readonly kind: "needs-consent"; readonly url: URL; readonly reason: string };

export interface FetchResponse {
  /** Where it came from: `https:` if the request was upgraded. With the request's fragment. */
  readonly url: URL;
  readonly status: number;
  readonly reason: string;
  /** As the site sent them, without Set-Cookie. */
  readonly fields: Fields;
  /** Of `body`, if the site says it; undefined for compressed ones. */
  readonly length: number | undefined;
  /**
   * The decompressed body, to be iterated once; nothing is read from the site much faster than it is taken. Ending the
   * iteration early closes the connection. @throws TaborError
   */
  readonly body: AsyncGenerator<Uint8Array, void>;
  readonly tls: TlsInfo | undefined;
  /** The circuit that carried it; for a stored answer the one that had. */
  readonly circuit: CircuitInfo;
  readonly fromCache: boolean;
  /** Gives up the rest of the body. */
  close(): void;
}

export interface Redirect {
  /** The address that answered. */
  readonly from: URL;
  readonly status: 301 | 302 | 303 | 307 | 308;
  /** With the fragment that is to be kept. May be of any scheme. */
  readonly location: URL;
  /** Fetch §4.4: what the next request is made with. */
  readonly method: FetchRequest["method"];
  /** Whether the body goes along. */
  readonly keepsBody: boolean;
  /** Of the answer that redirects. */
  readonly fields: Fields;
}

/** As many as browsers follow (Fetch §4.4). */
export const MAX_REDIRECTS = 20;

/** See `SiteFetcher`. */
export interface Fetcher {
  /**
   * One request, one answer.
   * @throws TaborError of the network or of TLS; with `where: "site"` malformed, resource-limit, timeout, closed; with
   * `where: "here"` aborted, usage for another scheme, protocol for a downgrade to plain `http:` that is refused.
   */
  fetch(request: FetchRequest): Promise<FetchOutcome>;
  /**
   * A page of `firstParty` is about to ask for these: connections to their hosts are opened meanwhile. Only `https:`, and only
   * for what is not stored. Never throws; what fails is told to the requests that come.
   */
  connectAhead(firstParty: string, urls: readonly URL[]): void;
  /** @throws TaborError of the connection, or of a site that does not speak WebSocket. */
  openSocket(request: SocketRequest): Promise<OpenedSocket>;
  /** What scripts of a document see of its cookies, as `document.cookie` gives it. */
  scriptCookies(firstParty: string, url: URL): string;
  /** What a script of a document assigns to `document.cookie`. */
  setScriptCookie(firstParty: string, url: URL, cookie: string): void;
  /** Requests for this site from now on go over another circuit; those under way go on. */
  newCircuit(firstParty: string): void;
  /** Ends every request and connection, forgets cookies, cache and all. */
  newIdentity(): void;
}
