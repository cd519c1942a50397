/** Those that begin like an address; all others are names (HTML §8.1.5.4, "resolve a module specifier"). */
export function isAddress(specifier: string): boolean {
  return /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);
}

/**
 * By what name a script finds the function that makes an address of the view of a specifier that it computes: `(specifier, base)`, the
 * base being the script's own address. The hooks put it there; where there are none, specifiers stay what they are.
 */
export const COMPUTED_IMPORT = "__taborImport";
