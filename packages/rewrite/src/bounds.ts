/** Bounds of what is rewritten, in UTF-16 code units or things; each says which page or attack it answers. */

/** Of a text. The longest real pages (specifications in one page) have 13 MB. */
export const MAX_TEXT = 16 * 1024 * 1024;
/** Of what comes out: parsers repeat formatting elements with their attributes, so a kilobyte can become a terabyte. */
export const MAX_OUTPUT = 64 * 1024 * 1024;
/** Elements and texts of a page; more would keep the browser from ever laying it out. */
export const MAX_NODES = 600_000;
/** Nesting of elements; what is deeper is written without its own tags. Browsers do the same from 512. */
export const MAX_DEPTH = 500;
/** Attributes of one element; the rest are left out. */
export const MAX_ATTRIBUTES = 256;
/** Of an address; servers take 8 to 16 thousand. */
export const MAX_ADDRESS = 64 * 1024;
/** Documents within `srcdoc` of documents: each level may be as long as the one around it. */
export const MAX_EMBEDDING = 3;
