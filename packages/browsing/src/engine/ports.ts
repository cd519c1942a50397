import type { Clock, Random } from "@tabor/onion-core";
import type { RewrittenHtml, Rewriting } from "@tabor/rewrite";
import type { Download } from "../api.ts";
import type { Fetcher } from "../fetching/api.ts";

/** What the engine is handed. */
export interface EngineInit {
  readonly fetcher: Fetcher;
  readonly rewriter: Rewriter;
  readonly saver: DownloadSaver;
  readonly clock: Clock;
  readonly random: Random;
  /** "https://view.example.org" */
  readonly viewOrigin: string;
  /** Resolves once frames within a page may ask this origin of the view for pages. @throws unreachable. */
  readonly prepareView: (origin: string) => Promise<void>;
}

/** packages/rewrite. */
export interface Rewriter {
  /** @throws TaborError for a document that cannot be made safe. */
  html(html: string, rewriting: Rewriting): RewrittenHtml;
  /** @throws TaborError for a sheet that cannot be made safe. */
  css(css: string, rewriting: Rewriting): string;
  /** For Standard. @throws TaborError for a script that is too long. */
  module(text: string, rewriting: Rewriting): string;
  /** For Standard. @throws TaborError for what is not well-formed. */
  xml(text: string, rewriting: Rewriting): string;
}

/** Where downloads go that the person has accepted. */
export interface DownloadSaver {
  /**
   * Takes all of `bytes`, no faster than they can be kept.
   * @throws TaborError if they cannot be kept; `aborted` if the person thought better of it. What `bytes` throws.
   */
  save(download: Download, bytes: AsyncIterable<Uint8Array>): Promise<void>;
}
