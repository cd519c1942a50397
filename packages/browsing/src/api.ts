import type { Cancel, CircuitInfo, Duplex, ExitKind, FetchOrigin, TaborError } from "@tabor/onion-core";

/** What the engine is made of and what it is asked; see docs/decisions/0008. All of it crosses a message port. */

export type TabId = string & { readonly __brand: "TabId" };
/** One load of a document in a tab. */
export type NavigationId = number & { readonly __brand: "NavigationId" };
export type DownloadId = number & { readonly __brand: "DownloadId" };

/** `safest`: no scripts. `standard`: scripts, where the browser enforces `Connection-Allowlist`. */
export type SecurityLevel = "safest" | "standard";

/** What TLS agreed on with a site. */
export interface TlsInfo {
  readonly version: "TLS 1.3" | "TLS 1.2";
  /** As IANA names it. */
  readonly cipherSuite: string;
  readonly alpn: string | undefined;
  /** DER, the site's own first. */
  readonly certificates: readonly Uint8Array[];
}

export interface TlsStream extends Duplex {
  readonly info: TlsInfo;
}

/** Port: TLS over any byte stream (packages/tls). */
export interface TlsClient {
  /**
   * @throws TaborError, `where: "site"`: not-authentic for a certificate or signature that does not hold, with the reason in words;
   * protocol, malformed, timeout, aborted; or what `stream` throws.
   */
  connect(stream: Duplex, options: TlsOptions): Promise<TlsStream>;
}

export interface TlsOptions {
  /** Host name or IP address as in a URL, without brackets. */
  readonly serverName: string;
  readonly alpn: readonly string[];
  readonly signal?: AbortSignal;
  /** Offers AES-256 and nothing else, for a site that takes nothing else. Otherwise it is not offered: it is slow, and many sites would choose it. */
  readonly aes256?: boolean;
}

/** Port: streams through the network. */
export interface StreamOpener {
  /** @throws as `OnionClient.openStream`. */
  open(target: { readonly host: string; readonly port: number }, options: OpenOptions): Promise<OnionDuplex>;
  /** Which kind of exit a stream to this target gets; before the network is there it waits. @throws aborted, or why it cannot be. */
  exitKind(
    target: { readonly host: string; readonly port: number },
    options: Pick<OpenOptions, "signal" | "onProgress">,
  ): Promise<ExitKind>;
}

/** A sentence for people: what is waited for; and over which circuit, where one is used. */
export type OnWait = (sentence: string, circuit?: CircuitInfo) => void;

export interface OpenOptions {
  /** Streams of different keys never share a circuit (SPEC §10.2). */
  readonly isolation: string;
  /** The stream goes to an exit that fetches, which is spoken to in plain whatever the scheme (SPEC §7.5). */
  readonly fetch?: FetchOrigin["scheme"];
  /** Sent along with BEGIN. */
  readonly early?: Uint8Array;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnWait;
}

export interface OnionDuplex extends Duplex {
  readonly circuit: CircuitInfo;
}

/** The browser's inside, as the frame sees it. */
export interface Engine {
  /** A new tab, named by the caller. */
  openTab(tab: TabId, level: SecurityLevel): void;
  closeTab(tab: TabId): void;
  /**
   * The address, in the view's origin, at which a frame shows this page of this tab. The load begins when the frame asks for it.
   * @param navigation.insecure the person allows plain `http:` for this site, this once.
   */
  viewUrl(tab: TabId, navigation: { readonly url: string; readonly insecure?: boolean }): Promise<string>;
  /** What an address of the view stands for, which a page of this tab names; undefined: nothing, or no page of this tab does. */
  urlOf(tab: TabId, address: string): Promise<string | undefined>;
  /** Ends what a tab is loading. */
  stop(tab: TabId): void;
  /** The next streams to this tab's site go over another circuit. */
  newCircuitForSite(tab: TabId): void;
  /** Forgets everything; the tabs must be opened anew. */
  newIdentity(): void;
  download(id: DownloadId, action: "accept" | "cancel"): void;
  subscribe(listener: (event: EngineEvent) => void): Cancel;
}

/** What happens in tabs; `navigation` tells late news of an earlier page from those of the present one. */
export type EngineEvent =
  /** A frame asked for a document: from `viewUrl`, a link, a form or a redirect. */
  | {
      readonly type: "started";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly url: string;
      /** The browser itself went back or forward (Fetch, `Request.isHistoryNavigation`). */
      readonly traversed: boolean;
    }
  | {
      readonly type: "progress";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly sentence: string;
    }
  /** The document's head has come and is being shown. */
  | {
      readonly type: "committed";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly url: string;
      readonly status: number;
      readonly site: SiteInfo;
    }
  /**
   * The page wants to go on, by a link or a form: its frame is to be shown this address in place of what it shows. A frame that
   * goes by itself leaves an entry in the browser's own history, whose Back would know nothing of tabs.
   */
  | {
      readonly type: "lead";
      readonly tab: TabId;
      readonly url: string;
      /** In the view's origin. */
      readonly address: string;
      /** The browser itself went back or forward, to an entry that was left all the same. */
      readonly traversed: boolean;
      /** It is where this load was redirected to, and takes its place. */
      readonly redirects?: NavigationId;
    }
  /** Scripts of the page gave it another address of its own origin (`history.pushState`), or went back and forward among such. */
  | {
      readonly type: "location";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly url: string;
      readonly kind: "push" | "replace" | "traverse";
    }
  /** After `newIdentity`: the browser may not have forgotten all that pages had it keep. */
  | { readonly type: "not-forgotten" }
  /** The person had the page open a window: a tab of its own, of the same level. */
  | { readonly type: "open"; readonly tab: TabId; readonly url: string }
  | { readonly type: "title"; readonly tab: TabId; readonly navigation: NavigationId; readonly title: string }
  /** `icon`: a `data:` URL of a raster image. */
  | { readonly type: "icon"; readonly tab: TabId; readonly navigation: NavigationId; readonly icon: string }
  /** Parts of the page: how many were asked for, have come, have failed; bytes of all. */
  | {
      readonly type: "resources";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly asked: number;
      readonly loaded: number;
      readonly failed: number;
      readonly bytes: number;
    }
  /** The document is complete; its parts may still come. */
  | { readonly type: "finished"; readonly tab: TabId; readonly navigation: NavigationId }
  /** It could not be shown; the frame holds an error page that says the same. */
  | {
      readonly type: "failed";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly url: string;
      readonly error: TaborError;
      readonly circuit: CircuitInfo | undefined;
    }
  /** The site speaks only plain `http:`; the person must allow it first. */
  | {
      readonly type: "needs-consent";
      readonly tab: TabId;
      readonly navigation: NavigationId;
      readonly url: string;
    }
  | { readonly type: "download"; readonly download: Download };

export interface SiteInfo {
  /** First-party site. */
  readonly site: string;
  /** undefined: plain `http:`, or fetched by the exit. */
  readonly tls: TlsInfo | undefined;
  readonly circuit: CircuitInfo;
}

export interface Download {
  readonly id: DownloadId;
  readonly tab: TabId;
  readonly url: string;
  readonly fileName: string;
  /** As the site says; may be empty. */
  readonly type: string;
  readonly total: number | undefined;
  readonly received: number;
  readonly state:
    | { readonly name: "offered" }
    | { readonly name: "running" }
    | { readonly name: "done" }
    | { readonly name: "failed"; readonly error: TaborError };
}
