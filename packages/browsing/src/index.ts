/** A browser without a window: pages through the onion, for a view that shows them (docs/decisions/0008). */
export type * from "./api.ts";
export { BrowserEngine } from "./engine/browser-engine.ts";
export { SiteFetcher } from "./fetching/site-fetcher.ts";
export type { DownloadSaver, EngineInit, Rewriter } from "./engine/ports.ts";
