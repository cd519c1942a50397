import { parse, type Import } from "es-module-lexer/js";
import type { Addresses } from "./address.ts";
import { COMPUTED_IMPORT, isAddress } from "./specifier.ts";

/**
 * Rewrites the addresses that a script imports from: where they are written as strings, here; where they are computed, by the hooks
 * (`COMPUTED_IMPORT`). Bare names are left to the import map. Takes classic scripts too, which may import dynamically. What does not lex as a
 * script is returned as it is: the browser will say so.
 */
export function rewriteImports(text: string, addresses: Addresses): string {
  // A quick look saves most classic scripts the lexer.
  if (!/\b(?:import|export)\b/.test(text)) return text;
  let output = "";
  let copied = 0;
  const edits = importsOf(text).flatMap((imported) => editsOf(imported, addresses));
  for (const { start, end, written } of edits.sort((a, b) => a.start - b.start)) {
    if (start < copied) continue;
    output += text.slice(copied, start) + written;
    copied = end;
  }
  return output + text.slice(copied);
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly written: string;
}

function editsOf(imported: Import, addresses: Addresses): readonly Edit[] {
  const { start, end, specifier } = imported;
  const isDynamic = imported.type === "dynamic";
  if (isDynamic && (specifier === undefined || imported.glob)) return computed(start, end, addresses);
  const address = isAddress(specifier ?? "") ? addresses.rewrite(specifier ?? "", "script") : undefined;
  if (address === undefined || address === specifier) return [];
  // Of dynamic imports the quotes are within.
  return [{ start, end, written: isDynamic ? JSON.stringify(address) : inQuotes(address) }];
}

function computed(start: number, end: number, { base }: Addresses): readonly Edit[] {
  return [
    { start, end: start, written: `(globalThis.${COMPUTED_IMPORT}||String)(` },
    { start: end, end, written: `,${JSON.stringify(base.href)})` },
  ];
}

function importsOf(text: string): readonly Import[] {
  try {
    return parse(text)[0];
  } catch {
    return [];
  }
}

/** Without the quotes, as the source has its own: either kind. */
function inQuotes(address: string): string {
  return JSON.stringify(address).slice(1, -1).replaceAll("'", "\\'");
}
