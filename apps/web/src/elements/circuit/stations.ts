import { shortId, type CircuitInfo, type ErrorPlace, type HopInfo } from "@tabor/onion-core";
import { html, nothing, type TemplateResult } from "lit";

const KNOWS: Readonly<Record<HopInfo["role"], string>> = {
  guard: "sees your address, not where you go",
  middle: "sees two relays, nothing else",
  exit: "sees the site, not who you are",
};

const FETCHES = "fetches the page for you: sees all of it, could change it, and does not see who you are";

/** Where on the way something failed; "relay": at one of the relays, and nobody says at which. */
export type FailedAt = "guard" | "relay" | "exit" | "site";

export function failedAt(where: ErrorPlace): FailedAt | undefined {
  switch (where) {
    case "here":
    case "directory":
      return undefined;
    case "link":
      return "guard";
    case "relay":
    case "exit":
    case "site":
      return where;
  }
}

/** The way from this tab to a site, hop by hop. @param failed where it went no further. */
export function stations({ hops }: CircuitInfo, site: string | undefined, failed?: FailedAt): TemplateResult {
  return html`<ol>
    <li class="you"><strong>This tab</strong><span class="soft small">you</span></li>
    ${hops.map((hop) => station(hop, failed))}
    ${
      site === undefined
        ? nothing
        : html`<li class="site" ?data-failed=${failed === "site"}>
            <strong>${site}</strong><span class="soft small">the site</span>${mark(failed === "site")}
          </li>`
    }
  </ol>`;
}

function mark(isFailed: boolean): TemplateResult | typeof nothing {
  return isFailed
    ? html`<span class="failed small" data-testid="failed-here">It failed here.</span>`
    : nothing;
}

function station(
  { relay, role, platform, readsContent, handshakeMs }: HopInfo,
  failed: FailedAt | undefined,
): TemplateResult {
  const isFailed = failed === role;
  return html`<li
    class=${role}
    data-testid="hop"
    data-role=${role}
    data-relay=${relay}
    data-platform=${platform}
    ?data-failed=${isFailed}
  >
    <strong>${role.charAt(0).toUpperCase() + role.slice(1)}</strong>
    <span class="facts small"
      ><code title=${relay}>${shortId(relay)}</code>
      <span class="badge">${platform === "tab" ? "browser tab" : "Node"}</span>
      ${readsContent ? html`<span class="badge reads" data-testid="reads-content">reads the page</span>` : nothing}
      <span>${handshakeMs === undefined ? "…" : `${String(Math.round(handshakeMs))} ms`}</span></span
    >
    ${failed === undefined ? html`<span class="soft small">${readsContent ? FETCHES : KNOWS[role]}</span>` : mark(isFailed)}
  </li>`;
}
