import type { CircuitInfo } from "@tabor/onion-core";
import type { Explanation } from "./explain.ts";
import type { LoadProgress } from "./progress.ts";

/** What the page area shows. */
export type Page =
  | { readonly kind: "blank" }
  | { readonly kind: "loading"; readonly url: URL; readonly progress: LoadProgress }
  | DocumentPage
  | OfferPage
  | { readonly kind: "saving"; readonly url: URL; readonly fileName: string; readonly progress: LoadProgress }
  | { readonly kind: "saved"; readonly url: URL; readonly fileName: string; readonly length: number }
  /** `insecure`: the same address over `http:`, if the person wants to risk it. */
  | { readonly kind: "needs-tls"; readonly url: URL; readonly insecure: URL | undefined }
  | { readonly kind: "unsupported"; readonly url: URL }
  | {
      readonly kind: "failed";
      readonly url: URL;
      readonly explanation: Explanation;
      /** The last circuit that was tried. */
      readonly circuit: CircuitInfo | undefined;
    };

export interface DocumentPage {
  readonly kind: "document";
  readonly url: URL;
  readonly title: string;
  /** Cleaned: for the frame's `srcdoc`. */
  readonly html: string;
  readonly status: number;
  readonly circuit: CircuitInfo | undefined;
}

/** Something that is not shown, but can be saved. */
export interface OfferPage {
  readonly kind: "offer";
  readonly url: URL;
  readonly fileName: string;
  /** As the site says; may be empty. */
  readonly type: string;
  readonly length: number | undefined;
  readonly circuit: CircuitInfo | undefined;
}
