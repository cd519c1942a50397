import { HOOKS_PATH, type HookConfig } from "@tabor/browsing/page";

/** A document for `srcdoc`: its own hooks, first of all, do the rest for what its scripts make; its markup they are given rewritten. */
export function embedded(markup: string, config: HookConfig): string {
  const told = JSON.stringify(config).replaceAll("&", "&amp;").replaceAll("'", "&#39;");
  const script = `<script src="${HOOKS_PATH}" data-tabor='${told}'></script>`;
  const start = /^(?:\s*<!doctype[^>]*>)?(?:\s*<html[^>]*>)?(?:\s*<head[^>]*>)?/i.exec(markup)?.[0] ?? "";
  return start + script + markup.slice(start.length);
}
