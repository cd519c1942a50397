/**
 * From a site's HTML and CSS to what the view may show: every address minted, nothing that acts by itself.
 *
 * The functions to come, all synchronous, all failing with `TaborError` only:
 * - `rewriteHtml(text: string, rewriting: Rewriting): RewrittenHtml`
 * - `rewriteCss(text: string, rewriting: Rewriting): string`, a stylesheet; `rewriting.base` is its own address
 * - `rewriteModule(text: string, rewriting: Rewriting): string`, a script of type module
 * - `rewriteXml(text: string, rewriting: Rewriting): string`, SVG, XHTML and other XML at Standard
 * - `documentOfText(text: string, title: string): string`
 * - `documentOfMedia(media: { kind: "image" | "video" | "audio"; source: string; title: string }): string`
 */
export type * from "./api.ts";
