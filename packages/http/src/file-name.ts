import type { Fields } from "./fields.ts";

const MAX_LENGTH = 120;

/**
 * A harmless name for saving a response: from Content-Disposition (RFC 6266), else the last part of the path. Without
 * path separators, control and bidirectional characters, leading dots or trailing spaces; never empty.
 */
export function fileNameOf(fields: Fields, url: URL): string {
  const given = fromDisposition(fields.first("content-disposition") ?? "");
  const fromPath = percentDecoded(url.pathname.split("/").pop() ?? "");
  return [given, fromPath].map(harmless).find((name) => name !== "") ?? "download";
}

function fromDisposition(value: string): string {
  const extended = /;\s*filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)/i.exec(value);
  if (extended !== null) return percentDecoded(extended[1] ?? "");
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i.exec(value);
  return (plain?.[1] ?? plain?.[2] ?? "").replace(/\\(.)/g, "$1");
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function harmless(name: string): string {
  const base = name.split(/[/\\]/).pop() ?? "";
  // Bidirectional overrides make "exe.txt" out of "txt.exe".
  const clean = base.replace(/[\p{Cc}\p{Cf}<>:"|?*]/gu, "").replace(/^\.+|[. ]+$/g, "");
  return clean.length <= MAX_LENGTH ? clean : shortened(clean);
}

function shortened(name: string): string {
  const extension = /\.[^.]{1,10}$/.exec(name)?.[0] ?? "";
  return name.slice(0, MAX_LENGTH - extension.length) + extension;
}
