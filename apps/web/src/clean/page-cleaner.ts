import type { CleanDocument } from "./document.ts";

/** A page to be cleaned. The bytes are handed over. */
export interface CleanRequest {
  readonly kind: "html" | "text";
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As `TextDecoder` names it. */
  readonly charset: string;
  readonly url: string;
  /** The site had more. */
  readonly cut: boolean;
}

/** Cleans pages where a hostile one cannot hold up the tab. */
export interface PageCleaner {
  /** @throws TaborError: timeout for a page that takes too long, aborted. */
  clean(request: CleanRequest, signal: AbortSignal): Promise<CleanDocument>;
}
