import type { Readable } from "./store.ts";

/** A newer build of the app than the one in use (docs/decisions/0022). */
export interface AppUpdate {
  /** Whether one is there, whole. */
  readonly isOffered: Readable<boolean>;
  /** Takes it: this page is loaded anew. */
  accept(): void;
}
