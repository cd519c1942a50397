import type { VolunteerState } from "../../services/volunteer.ts";
import { explain } from "@tabor/browsing/explain";
import { sentence } from "../connection/connection-text.ts";

type Running = VolunteerState & { readonly name: "on" };

/** Where the volunteer stands, in a sentence; for an idle relay, why it is idle. A healthy idle relay must not look broken. */
export function volunteerText(state: VolunteerState): string {
  switch (state.name) {
    case "off":
      return "Off. This tab carries nothing for others.";
    case "starting":
      return "Starting: making keys and joining the directory.";
    case "failed":
      return `${explain(state.problem).title}: ${sentence(state.problem.message)} Switch it on again to retry.`;
    case "on":
      return runningText(state);
  }
}

function runningText(state: Running): string {
  const { stats, problem } = state;
  if (problem !== undefined) return `${explain(problem).title}. It is tried again by itself.`;
  if (stats.circuits === 1) return "Helping with 1 circuit now.";
  if (stats.circuits > 1) return `Helping with ${String(stats.circuits)} circuits now.`;
  return idleText(state);
}

function idleText({ listed, otherRelays, stats }: Running): string {
  if (!listed) return "Waiting for the directory to list this relay; nobody can choose it before.";
  if (otherRelays === 0) return "Idle: there are no other relays to pass circuits on to.";
  if (stats.relayLinks === 0)
    return "Idle: linking to other relays. A firewall may be in the way if this lasts.";
  return "Idle and well: linked, and no circuit passes here just now. Relays are drawn by lot; yours will be.";
}
