/** From a site's HTML and CSS to what the view may show: every address minted, nothing that acts by itself. */
export type * from "./api.ts";
