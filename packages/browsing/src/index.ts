/** A browser without a window: pages through the onion, for a view that shows them (docs/decisions/0008). */
export type * from "./api.ts";
