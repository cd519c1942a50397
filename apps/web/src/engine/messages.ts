import type { Download, DownloadId, EngineEvent, SecurityLevel, TabId } from "@tabor/browsing";
import type { CircuitInfo, ExitKind, FetchOrigin, TaborError } from "@tabor/onion-core";

/**
 * What page and engine worker say to each other. Both are ours and load from the app's origin. Errors within cross by
 * `toPlain` and `fromPlain`.
 */
export type ToWorker =
  | { readonly type: "start"; readonly viewOrigin: string }
  | { readonly type: "open-tab"; readonly tab: TabId; readonly level: SecurityLevel }
  | { readonly type: "close-tab"; readonly tab: TabId }
  | {
      readonly type: "view-url";
      readonly id: number;
      readonly tab: TabId;
      readonly url: string;
      readonly insecure: boolean;
    }
  | { readonly type: "url-of"; readonly id: number; readonly tab: TabId; readonly address: string }
  | { readonly type: "stop"; readonly tab: TabId }
  | { readonly type: "new-circuit"; readonly tab: TabId }
  | { readonly type: "new-identity" }
  | { readonly type: "download"; readonly download: DownloadId; readonly action: "accept" | "cancel" }
  /** With a port, on which the boot page of this origin of the view passes on what its service worker asks. */
  | { readonly type: "view"; readonly origin: string }
  /** Frames within pages may ask this origin of the view now; or never will, for `error`. */
  | { readonly type: "view-prepared"; readonly origin: string; readonly error: TaborError | undefined }
  /** The browser was seen to enforce `Connection-Allowlist`. */
  | { readonly type: "allow-standard" }
  /** Whether exits that fetch may be used; at first not. */
  | { readonly type: "allow-fetch-exits"; readonly areAllowed: boolean };

export type FromWorker =
  | { readonly type: "event"; readonly event: EngineEvent }
  | { readonly type: "view-url"; readonly id: number; readonly result: Outcome<string> }
  | { readonly type: "url-of"; readonly id: number; readonly url: string | undefined }
  /** A frame within a page is to be led to this origin of the view. */
  | { readonly type: "prepare-view"; readonly origin: string }
  /** With a port, on which the stream is (`StreamMessage`). */
  | {
      readonly type: "open-stream";
      readonly host: string;
      readonly port: number;
      readonly isolation: string;
      /** To an exit that fetches. */
      readonly fetch: FetchOrigin["scheme"] | undefined;
      readonly early: Uint8Array | undefined;
    }
  /** With a port, on which the answer comes (`ExitKindMessage`). */
  | { readonly type: "exit-kind"; readonly host: string; readonly port: number }
  /** With a port, on which the bytes come; its end is the answer that all has been kept. */
  | { readonly type: "save"; readonly download: Download };

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: TaborError };

/** What is said until it is known which kind of exit a stream gets. */
export type ExitKindMessage =
  | { readonly type: "waiting"; readonly sentence: string }
  | { readonly type: "exit-kind"; readonly outcome: Outcome<ExitKind> };

/** What is said on a stream's port beside its bytes. */
export type StreamMessage =
  | { readonly type: "progress"; readonly sentence: string; readonly circuit: CircuitInfo | undefined }
  | { readonly type: "opened"; readonly circuit: CircuitInfo };
