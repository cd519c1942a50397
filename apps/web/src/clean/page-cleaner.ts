import type { ImageType } from "@tabor/http";
import type { CleanDocument } from "./document.ts";

export type CleanableContent =
  /** `charset`: as `TextDecoder` names it. */
  | { readonly kind: "html" | "text"; readonly charset: string }
  | { readonly kind: "image"; readonly type: ImageType; readonly name: string };

/** A page to be cleaned. The bytes are handed over. */
export interface CleanRequest {
  readonly content: CleanableContent;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly url: string;
  /** The site had more. */
  readonly cut: boolean;
}

/** Cleans pages where a hostile one cannot hold up the tab. */
export interface PageCleaner {
  /** @throws TaborError: timeout for a page that takes too long, aborted. */
  clean(request: CleanRequest, signal: AbortSignal): Promise<CleanDocument>;
}
