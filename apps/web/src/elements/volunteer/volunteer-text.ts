import type { SelfTest, VolunteerState } from "../../services/volunteer.ts";
import type { NatClass } from "@tabor/onion-core";
import { explain } from "@tabor/browsing/explain";
import type { RestReason } from "../../volunteer/rest.ts";
import type { OwnLimits } from "../../volunteer/settings.ts";
import { sentence } from "../connection/connection-text.ts";

type Running = VolunteerState & { readonly name: "on" };

/** For so many minutes clients may not have heard of a relay: they take up a new list now and then. */
const NEW_MINUTES = 10;

/** Where the volunteer stands, in a sentence; for an idle relay, why it is idle. A healthy idle relay must not look broken. */
export function volunteerText(state: VolunteerState, limits: OwnLimits, test: SelfTest): string {
  switch (state.name) {
    case "off":
      return "Off. This tab carries nothing for others.";
    case "starting":
      return "Starting: finding the network and joining its directory.";
    case "elsewhere":
      return "Another tab of this browser is the relay. This one takes over when that one closes.";
    case "resting":
      return RESTING[state.reason];
    case "failed":
      return `${sentence(state.problem.message)} It is tried again by itself.`;
    case "on":
      return runningText(state, limits, test);
  }
}

const RESTING: Readonly<Record<RestReason, string>> = {
  frozen: "Resting: the browser has put this page to sleep. It goes on when the page is woken.",
  offline: "Resting: this device is offline. It goes on by itself when the connection is back.",
  metered: "Resting: this connection is metered or saves data, and your limits say not there.",
  battery: "Resting: this device runs on battery, and your limits say not then.",
  hours: "Resting: it is outside the hours that you have set.",
  data: "Resting: the data that you have set is used up, or nearly. It goes on in the next day or month.",
};

function runningText(state: Running, limits: OwnLimits, test: SelfTest): string {
  const { stats, problem, allowance } = state;
  if (problem !== undefined) return `${explain(problem).title}. It is tried again by itself.`;
  const full = stats.circuits >= (limits.circuits ?? Infinity);
  const limit = full || allowance !== "free" ? " As many as your limits allow: new ones are refused." : "";
  if (stats.circuits === 1) return `Helping with 1 circuit now.${limit}`;
  if (stats.circuits > 1) return `Helping with ${String(stats.circuits)} circuits now.${limit}`;
  return idleText(state, test);
}

function idleText({ listed, otherRelays, stats, minutes, nat }: Running, test: SelfTest): string {
  if (!listed) return "Waiting for the directory to list this relay; nobody can choose it before.";
  if (otherRelays === 0) return "Idle: there are no other relays to pass circuits on to.";
  if (stats.relayLinks === 0 && nat === "hard")
    return "Idle: this network's router (a hard NAT) keeps other relays out, and no relay that could be reached is there. Another network, or a TURN server of the directory's, would help.";
  if (stats.relayLinks === 0)
    return "Idle: linking to other relays. A firewall may be in the way if this lasts.";
  if (test.name === "failed")
    return "Idle, and perhaps not well: the last test of this relay failed. Below it says where, and there you can test again.";
  if (minutes < NEW_MINUTES && stats.circuitsTotal === 0)
    return "Idle and well, and new: clients hear of it with their next list of relays. Until it has been measured it is chosen by what it offers, or seldom.";
  return "Idle and well: linked, and no circuit passes here just now. Relays are drawn by lot; yours will be.";
}

/** What NAT is between this browser and the others, and what that means. */
export const NAT_TEXT: Readonly<Record<NatClass, string>> = {
  unknown: "Your router's NAT: not known. The network names no two servers that would tell.",
  easy: "Your router's NAT: none that matters. Other relays can link to this one.",
  hard: "Your router's NAT: hard. Links to relays that are behind such a NAT as well can't be made, so fewer circuits come here.",
  turn: "Your router's NAT: hard. Where nothing else leads in, links go through a TURN server, which sees whom you link to and how much passes, and nothing of what it says.",
};

/** How often connections came about, and which way they take. */
export function connectionsText({ opened, failed, throughTurn }: Running["connections"]): string {
  const all = opened + failed;
  if (all === 0) return "No connection was tried yet.";
  const percent = String(Math.round((100 * opened) / all));
  const came = `${String(opened)} of ${String(all)} connections came about (${percent} %).`;
  if (throughTurn === 0) return `${came} None goes through a TURN server.`;
  return `${came} ${String(throughTurn)} ${throughTurn === 1 ? "goes" : "go"} through a TURN server now.`;
}

/** @param now milliseconds since the Unix epoch. */
export function selfTestText(test: SelfTest, now: number): string {
  switch (test.name) {
    case "none":
      return "Not tested yet. It is done by itself once the relay is linked.";
    case "running":
      return "Sending traffic of this tab's own through the relay…";
    case "passed":
      return `It works: a circuit of our own went through this relay in ${String(Math.round(test.ms))} ms, and cells both ways (${ago(now - test.at)}).`;
    case "failed":
      return `It did not work ${ago(now - test.at)}: ${sentence(test.problem.message)}`;
  }
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  return minutes === 1 ? "1 minute ago" : `${String(minutes)} minutes ago`;
}
