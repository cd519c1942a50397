import type { CircuitInfo } from "@tabor/onion-core";
import type { Page } from "../../browsing/page.ts";

/** The circuit to show beside a page, and what it is to the person. */
export interface ShownCircuit {
  readonly circuit: CircuitInfo | undefined;
  readonly caption: string;
  /** The last station, if there is a page. */
  readonly site: string | undefined;
}

/** The page's own circuit as it is now; without a page the one that is kept ready, or being built. */
export function circuitFor(page: Page, circuits: readonly CircuitInfo[]): ShownCircuit {
  const site = page.kind === "blank" ? undefined : page.url.host;
  const used = usedBy(page);
  if (used !== undefined) {
    const now = circuits.find(({ id }) => id === used.id) ?? used;
    return { circuit: now, caption: captionOf(page, now, circuits.includes(now)), site };
  }
  if (site !== undefined)
    return { circuit: undefined, caption: "Nothing went through the network for this page.", site };
  const spare =
    circuits.find(({ state, isolation }) => state.name === "open" && isolation === undefined) ??
    circuits.find(({ state }) => state.name === "building");
  return { circuit: spare, caption: spareCaption(spare), site };
}

function usedBy(page: Page): CircuitInfo | undefined {
  switch (page.kind) {
    case "document":
    case "offer":
    case "failed":
      return page.circuit;
    case "loading":
    case "saving":
      return page.progress.circuit;
    default:
      return undefined;
  }
}

function captionOf(page: Page, circuit: CircuitInfo, isKnown: boolean): string {
  if (page.kind === "loading" || page.kind === "saving") return "The way that is being used now";
  const what = page.kind === "failed" ? "The way that was tried last" : "The way this page came";
  return isKnown && circuit.state.name === "open" ? what : `${what}; this circuit has been closed since`;
}

function spareCaption(spare: CircuitInfo | undefined): string {
  if (spare === undefined) return "There is no circuit yet.";
  return spare.state.name === "building" ? "Being built" : "Ready for your first page";
}
