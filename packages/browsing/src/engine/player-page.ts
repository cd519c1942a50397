import { escapeHtml } from "./html-text.ts";

/** A page for a video or a sound that was opened by itself. */
export function playerPage(type: string, source: string, name: string): string {
  const element = type.startsWith("video/") ? "video" : "audio";
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(name)}</title>
<style>:root{color-scheme:dark}body{margin:0;min-height:100vh;display:grid;place-items:center;background:#111}
video{max-width:100%;max-height:100vh}</style>
<${element} controls src="${escapeHtml(source)}"></${element}></html>`;
}
