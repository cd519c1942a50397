import { COMPUTED_IMPORT, isAddress } from "@tabor/rewrite/in-page";
import type { HookContext } from "../context.ts";
import { text } from "../wrap.ts";

/** `import()` is no function that could stand in front: the rewriter has scripts ask us for what they compute. */
export function installImports({ scope, addresses }: HookContext): void {
  const addressOf = (specifier: unknown, base: unknown): string => {
    const written = text(specifier);
    return isAddress(written) ? addresses.request(written, "script", text(base)) : written;
  };
  Object.defineProperty(scope, COMPUTED_IMPORT, { value: addressOf });
}
