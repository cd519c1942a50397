import type { Fields } from "./fields.ts";
import { mediaTypeOf } from "./media-type.ts";

/** What can be done with a response's body. */
export type ContentKind =
  | { readonly kind: "html" }
  | { readonly kind: "text" }
  /** A raster image; `type` is what its first bytes say, whatever the site claims. */
  | { readonly kind: "image"; readonly type: ImageType }
  /** To be saved; `type` as the site claims it. */
  | { readonly kind: "download"; readonly type: string };

export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif" | "image/bmp";

/** How many bytes from the start of the body `contentKind` wants to see (MIME Sniffing §7). */
export const SNIFF_LENGTH = 1445;

const TEXT_TYPES: ReadonlySet<string> = new Set([
  "application/json",
  "application/ld+json",
  "application/javascript",
  "application/xml",
  "application/rss+xml",
  "application/atom+xml",
  "application/x-sh",
]);

/** Absent, or said by servers that do not know. */
const UNKNOWN_TYPES: ReadonlySet<string> = new Set(["", "unknown/unknown", "application/unknown", "*/*"]);

/** Decides by Content-Disposition, then Content-Type, then, only if there is none, by the first bytes. */
export function contentKind(fields: Fields, start: Uint8Array): ContentKind {
  const type = mediaTypeOf(fields)?.essence ?? "";
  if (isAttachment(fields)) return { kind: "download", type };
  if (UNKNOWN_TYPES.has(type)) return sniff(start);
  if (type === "text/html" || type === "application/xhtml+xml") return { kind: "html" };
  if (type.startsWith("image/")) return imageOrDownload(type, start);
  if (type.startsWith("text/") || TEXT_TYPES.has(type)) return textOrDownload(type, start);
  return { kind: "download", type };
}

function isAttachment(fields: Fields): boolean {
  const disposition = fields.first("content-disposition") ?? "";
  return disposition !== "" && !/^inline\b/i.test(disposition) && !/^\s*(?:file)?name\s*=/i.test(disposition);
}

function imageOrDownload(type: string, start: Uint8Array): ContentKind {
  const image = imageType(start);
  return image === undefined ? { kind: "download", type } : { kind: "image", type: image };
}

/** Servers label unknown files as text; bytes that no text has give them away (MIME Sniffing §7.2). */
function textOrDownload(type: string, start: Uint8Array): ContentKind {
  return looksBinary(start) ? { kind: "download", type } : { kind: "text" };
}

function sniff(start: Uint8Array): ContentKind {
  const image = imageType(start);
  if (image !== undefined) return { kind: "image", type: image };
  if (looksBinary(start)) return { kind: "download", type: "application/octet-stream" };
  const text = String.fromCharCode(...start.subarray(0, SNIFF_LENGTH));
  return /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[\s>]/i.test(
    text,
  )
    ? { kind: "html" }
    : { kind: "text" };
}

function looksBinary(start: Uint8Array): boolean {
  if (hasUtf16Mark(start)) return false;
  return start.some(
    (byte) =>
      byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f),
  );
}

function hasUtf16Mark([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** MIME Sniffing §6.1. SVG is left out: it is a document, and documents are cleaned or not shown. */
function imageType(start: Uint8Array): ImageType | undefined {
  const text = String.fromCharCode(...start.subarray(0, 16));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(text)) return "image/gif";
  if (/^RIFF[^]{4}WEBPVP/.test(text)) return "image/webp";
  if (/^[^]{4}ftypavi[fs]/.test(text)) return "image/avif";
  if (text.startsWith("BM") && start.length > 14 && start[6] === 0) return "image/bmp";
  return undefined;
}
