import { shortId, type CircuitInfo, type HopInfo } from "@tabor/onion-core";
import { html, nothing, type TemplateResult } from "lit";

const KNOWS: Readonly<Record<HopInfo["role"], string>> = {
  guard: "sees your address, not where you go",
  middle: "sees two relays, nothing else",
  exit: "sees the site, not who you are",
};

/** The way from this tab to a site, hop by hop. */
export function stations({ hops }: CircuitInfo, site: string | undefined): TemplateResult {
  return html`<ol>
    <li class="you"><strong>This tab</strong><span class="soft small">you</span></li>
    ${hops.map(station)}
    ${
      site === undefined
        ? nothing
        : html`<li class="site"><strong>${site}</strong><span class="soft small">the site</span></li>`
    }
  </ol>`;
}

function station({ relay, role, platform, handshakeMs }: HopInfo): TemplateResult {
  return html`<li
    class=${role}
    data-testid="hop"
    data-role=${role}
    data-relay=${relay}
    data-platform=${platform}
  >
    <strong>${role.charAt(0).toUpperCase() + role.slice(1)}</strong>
    <span class="facts small"
      ><code title=${relay}>${shortId(relay)}</code>
      <span class="badge">${platform === "tab" ? "browser tab" : "Node"}</span>
      <span>${handshakeMs === undefined ? "…" : `${String(Math.round(handshakeMs))} ms`}</span></span
    >
    <span class="soft small">${KNOWS[role]}</span>
  </li>`;
}
