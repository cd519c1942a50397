import type { Fields } from "./fields.ts";
import { mediaTypeOf } from "./media-type.ts";

/** HTML §13.2.3.2: authors must declare the encoding within the first 1024 bytes. */
const PRESCAN_LENGTH = 1024;

/**
 * The name of a text's encoding as `TextDecoder` gives it (HTML §13.2.3.2, Encoding §6.1): byte order mark, then
 * Content-Type, then for HTML a `<meta>`, then UTF-8 if the bytes are valid UTF-8, then windows-1252.
 */
export function charsetOfText(fields: Fields, bytes: Uint8Array, isHtml: boolean): string {
  return (
    byteOrderMark(bytes) ??
    canonical(mediaTypeOf(fields)?.charset) ??
    (isHtml ? prescan(bytes.subarray(0, PRESCAN_LENGTH)) : undefined) ??
    (isUtf8(bytes) ? "utf-8" : "windows-1252")
  );
}

/** Never throws: bytes that are not of the encoding become U+FFFD. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  return new TextDecoder(charset).decode(bytes);
}

function byteOrderMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return undefined;
}

function canonical(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** The heart of HTML §13.2.3.3: the first `<meta>` that names an encoding, outside comments. */
function prescan(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start).replace(/<!--[^]*?(?:-->|$)/g, "");
  for (const [, attributes = ""] of text.matchAll(/<meta[\s/]([^>]*)/gi)) {
    const found = metaCharset(attributes);
    if (found !== undefined) return found;
  }
  return undefined;
}

function metaCharset(attributes: string): string | undefined {
  const charset = attribute(attributes, "charset");
  if (charset !== undefined) return asciiCompatible(canonical(charset));
  if (attribute(attributes, "http-equiv")?.toLowerCase() !== "content-type") return undefined;
  const content = /charset\s*=\s*["']?([^"';\s]+)/i.exec(attribute(attributes, "content") ?? "");
  return asciiCompatible(canonical(content?.[1]));
}

function attribute(attributes: string, name: string): string | undefined {
  const pattern = new RegExp(`(?:^|[\\s/"'])${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "i");
  const match = pattern.exec(attributes);
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3]);
}

/** A `<meta>` that could be read at all cannot be UTF-16 (HTML §13.2.3.3, step 15). */
function asciiCompatible(charset: string | undefined): string | undefined {
  if (charset === "utf-16le" || charset === "utf-16be") return "utf-8";
  return charset === "x-user-defined" ? "windows-1252" : charset;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
