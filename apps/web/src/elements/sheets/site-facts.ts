import type { SiteInfo, TlsInfo } from "@tabor/browsing";
import type { CircuitInfo } from "@tabor/onion-core";
import type { Tab } from "../../browsing/tab.ts";

/** What there is to tell of the page's site. */
export type SiteFacts =
  | { readonly kind: "none"; readonly sentence: string }
  | {
      readonly kind: "page" | "failed";
      readonly url: string;
      readonly tls: TlsInfo | undefined;
      readonly isReadByExit: boolean;
      /** As it is now. */
      readonly circuit: CircuitInfo | undefined;
      readonly caption: string;
    };

/** @param circuits those that there are now. */
export function siteFacts({ page }: Tab, circuits: readonly CircuitInfo[]): SiteFacts {
  switch (page.kind) {
    case "own":
      return { kind: "none", sentence: "This page is part of Tabor. Nothing was sent for it." };
    case "consent":
      return {
        kind: "none",
        sentence: "Nothing was sent to this site in the clear yet: it offers no encryption.",
      };
    case "document": {
      const { circuit, tls } = page.site;
      const isReadByExit = isFetched(page.site);
      const way = now(circuit, circuits, "The way this page came");
      return { kind: "page", url: page.url, tls, isReadByExit, ...way };
    }
    case "failed":
      if (page.circuit === undefined)
        return { kind: "none", sentence: "It failed before a circuit was chosen: nothing reached the site." };
      return {
        kind: "failed",
        url: page.url,
        tls: undefined,
        isReadByExit: false,
        ...now(page.circuit, circuits, "The way that was tried last"),
      };
  }
}

/** The exit was not one that carries streams: it has fetched the page in our place (SPEC §7.5). */
export function isFetched({ tls, circuit }: SiteInfo): boolean {
  return tls === undefined && circuit.hops.at(-1)?.readsContent === true;
}

function now(
  used: CircuitInfo,
  circuits: readonly CircuitInfo[],
  what: string,
): { readonly circuit: CircuitInfo; readonly caption: string } {
  const known = circuits.find(({ id }) => id === used.id);
  const isOpen = known?.state.name === "open";
  return { circuit: known ?? used, caption: isOpen ? what : `${what}; this circuit has been closed since` };
}
