import type { TlsInfo } from "@tabor/browsing";
import type { CircuitInfo } from "@tabor/onion-core";
import type { Tab } from "../../browsing/tab.ts";

/** What there is to tell of the page's site. */
export type SiteFacts =
  | { readonly kind: "none"; readonly sentence: string }
  | {
      readonly kind: "page" | "failed";
      readonly url: string;
      readonly tls: TlsInfo | undefined;
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
      return { kind: "page", url: page.url, tls, ...now(circuit, circuits, "The way this page came") };
    }
    case "failed":
      if (page.circuit === undefined)
        return { kind: "none", sentence: "It failed before a circuit was chosen: nothing reached the site." };
      return {
        kind: "failed",
        url: page.url,
        tls: undefined,
        ...now(page.circuit, circuits, "The way that was tried last"),
      };
  }
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
