/** The rules of Standard that a page's hooks apply as well: without parsers of whole documents, as they are loaded by every page. */
export { addressesOf, WHAT_SCRIPTS_MAY, type Addresses } from "./address.ts";
export type { Rewriting, UrlUse } from "./api.ts";
export { rewriteCssText } from "./css/rewrite-css.ts";
export { addressKind } from "./html/address-attributes.ts";
export { parseRefresh } from "./html/refresh.ts";
export { relationsIn } from "./html/relations.ts";
export { COMPUTED_IMPORT, isAddress } from "./specifier.ts";
export { rewriteSrcset } from "./srcset.ts";
export { savesOwn, StandardAttributes, type Namespace } from "./standard/attributes.ts";
export { LOADING, useOfLink } from "./standard/links.ts";
export { frameSandbox } from "./standard/sandbox.ts";
