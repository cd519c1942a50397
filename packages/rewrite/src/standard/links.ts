import type { UrlUse } from "../api.ts";

/** Link types that load something; all others look up, connect or fetch ahead, or nothing is loaded for them. */
export const LOADING = new Set([
  "stylesheet",
  "alternate",
  "icon",
  "apple-touch-icon",
  "preload",
  "modulepreload",
]);

const PRELOADS: ReadonlyMap<string, UrlUse> = new Map([
  ["style", "style"],
  ["script", "script"],
  ["font", "font"],
  ["image", "image"],
  ["track", "track"],
]);

/** @param preloaded of `as`, in lower case. */
export function useOfLink(relations: readonly string[], preloaded: string): UrlUse | undefined {
  if (relations.includes("stylesheet")) return "style";
  if (relations.includes("modulepreload")) return "script";
  if (relations.includes("preload")) return PRELOADS.get(preloaded);
  return relations.some((relation) => /^(?:icon|apple-touch-icon)$/.test(relation)) ? "image" : undefined;
}
