/** From a site's HTML, CSS and scripts to what the view may show: every address minted, nothing that acts by itself at Safest. */
export type * from "./api.ts";
export { rewriteCss, rewriteHtml, rewriteModule, rewriteXml } from "./rewrite.ts";
