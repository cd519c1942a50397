import type { TaborError } from "@tabor/onion-core";

/** How often a document is asked for anew after its circuit was lost in the middle. */
export const MAX_RECOVERIES = 3;

/**
 * Whether a circuit was lost while the site was answering, so that the same may be asked again over another one. What
 * the site did itself is final.
 */
export function isCircuitLoss({ code, where }: TaborError): boolean {
  if (code === "aborted" || code === "usage" || code === "no-path") return false;
  return (
    where === "relay" || where === "link" || (where === "exit" && (code === "closed" || code === "protocol"))
  );
}
