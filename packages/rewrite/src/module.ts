import { parse, type Import } from "es-module-lexer/js";
import type { Addresses } from "./address.ts";

/**
 * Rewrites the addresses that a script imports from, if they are written as strings; bare names are left to the import map. Takes
 * classic scripts too, which may import dynamically. What does not lex as a script is returned as it is: the browser will say so.
 */
export function rewriteImports(text: string, addresses: Addresses): string {
  // A quick look saves most classic scripts the lexer.
  if (!/\b(?:import|export)\b/.test(text)) return text;
  let output = "";
  let copied = 0;
  for (const { start, end, specifier, quoted } of specifiersOf(text)) {
    const address = isAddress(specifier) ? addresses.rewrite(specifier, "script") : undefined;
    if (address === undefined || address === specifier || start < copied) continue;
    output += text.slice(copied, start) + (quoted ? JSON.stringify(address) : inQuotes(address));
    copied = end;
  }
  return output + text.slice(copied);
}

interface Specifier {
  readonly specifier: string;
  readonly start: number;
  readonly end: number;
  /** Whether its quotes are within [start, end). */
  readonly quoted: boolean;
}

function specifiersOf(text: string): Specifier[] {
  const found: Specifier[] = [];
  for (const imported of importsOf(text)) {
    const { start, end, specifier } = imported;
    if (specifier === undefined || specifier === null) continue;
    const isDynamic = imported.type === "dynamic";
    // A template with parts that are not known yet.
    if (isDynamic && imported.glob) continue;
    found.push({ specifier, start, end, quoted: isDynamic });
  }
  return found.sort((a, b) => a.start - b.start);
}

function importsOf(text: string): readonly Import[] {
  try {
    return parse(text)[0];
  } catch {
    return [];
  }
}

/** Those that begin like an address; all others are names (HTML §8.1.5.4, "resolve a module specifier"). */
export function isAddress(specifier: string): boolean {
  return /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);
}

/** Without the quotes, as the source has its own: either kind. */
function inQuotes(address: string): string {
  return JSON.stringify(address).slice(1, -1).replaceAll("'", "\\'");
}
