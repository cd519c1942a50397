import type { AdmissionMode } from "@tabor/rtc-link";
import { html, nothing, type TemplateResult } from "lit";

/** What a relay means for its person: who sees what, what it costs, what it never does. */
export function whatItMeans(admission: AdmissionMode | undefined): TemplateResult {
  return html`<ul class="means">
    <li>
      <strong>What you pass on:</strong> cells that are encrypted for others. You cannot read them, and never
      learn both who sent them and where they go.
    </li>
    <li>
      <strong>No exit:</strong> no site is contacted from your connection on behalf of others, unless you
      switch that on by itself.
    </li>
    <li>
      <strong>Your neighbours</strong> – other relays, and clients for whom you are the guard – see your
      network address, when cells come and go, and how many.
    </li>
    <li>
      <strong>The directory</strong> sees your network address and when you are there. Everybody can read in
      its list that this relay runs, under a name of its own, and in which network (for IPv4, the first half
      of your address).
    </li>
    ${admission === undefined || admission === "open" ? nothing : VOUCHED}
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

/** What an exit that fetches means for its person, who answers for it (SPEC §7.5). */
export function whatFetchingMeans(): TemplateResult {
  return html`<ul class="means">
    <li>
      <strong>Sites see your network address</strong> as where the requests come from. Complaints, and the
      police, come to you for what strangers fetch. Do this only if you know what that means where you live.
    </li>
    <li>
      <strong>You could read it:</strong> what passes here is plain to this browser, and to whoever has a hold
      on it. Do not look; to keep it is unlawful in many places.
    </li>
    <li>
      <strong>Nothing of yours goes along:</strong> no cookies, passwords or referrer, and nothing from your
      cache. Only sites that let other sites' pages read them (CORS) can be fetched, without their redirects.
    </li>
    <li>
      <strong>Your own network is refused</strong> where it shows in the address: private addresses, names
      such as <code>localhost</code> or <code>printer.local</code>, this app. A page is not told to which
      address another name leads: if your browser asks whether Tabor may reach devices on your network, say
      no.
    </li>
    <li>
      <strong>Everybody can read</strong> in the directory's list that this relay fetches, and from which
      ports.
    </li>
  </ul>`;
}

const VOUCHED = html`<li>
  <strong>Your member key vouches for it:</strong> this network lets its members in only, so the directory
  knows which member the relay is of. Your own circuits stay apart from both.
</li>`;
