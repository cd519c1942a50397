import { html, type TemplateResult } from "lit";

/** What a relay means for its person: who sees what, what it costs, what it never does. */
export function whatItMeans(): TemplateResult {
  return html`<ul class="means">
    <li>
      <strong>What you pass on:</strong> cells that are encrypted for others. You cannot read them, and never
      learn both who sent them and where they go.
    </li>
    <li><strong>Never an exit:</strong> no site is contacted from your connection on behalf of others.</li>
    <li>
      <strong>Your neighbours</strong> – other relays, and clients for whom you are the guard – see your
      network address, when cells come and go, and how many.
    </li>
    <li>
      <strong>The directory</strong> sees your network address and when you are there. Everybody can read in
      its list that this relay runs, under a name of its own, and in which network (for IPv4, the first half
      of your address).
    </li>
    <li>
      <strong>The name stays:</strong> it is kept in this browser, so that your relay is known again. Whoever
      knows your address can tell that it is you.
    </li>
    <li>
      <strong>What it costs:</strong> upload and download within your limits, and some power. The figures are
      of cells; what the network adds to carry them is about a tenth more.
    </li>
    <li>
      <strong>When it ends:</strong> at once, when you switch it off or close the tab. Circuits that passed
      here are rebuilt by their owners. Switched on, it begins again whenever you open Tabor.
    </li>
  </ul>`;
}
