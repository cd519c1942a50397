import { contentKind, Fields } from "@tabor/http";

/** The type of a raster image by its first bytes, whatever the site says; undefined: none. SVG is a document. */
export function imageTypeOf(start: Uint8Array): string | undefined {
  const kind = contentKind(new Fields([]), start);
  if (kind.kind === "image") return kind.type;
  return isIcon(start) ? "image/x-icon" : undefined;
}

/** MIME Sniffing §6.1. */
function isIcon([a, b, c, d]: Uint8Array): boolean {
  return a === 0 && b === 0 && c === 1 && d === 0;
}
