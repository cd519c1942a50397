/** What the authorities say, in sentences for people. */
import {
  shortId,
  WEIGHT_REASONS,
  type FlagVotes,
  type RelayEntry,
  type RelayExplanation,
} from "@tabor/onion-core";
import type { Look } from "../../services/authorities.ts";

export function signaturesText({ consensus: { signers }, authorities }: Look): string {
  const needed = Math.floor(authorities.length / 2) + 1;
  if (authorities.length === 1) return "Signed by the one authority of this network: it is believed alone.";
  return `Signed by ${String(signers.length)} of ${String(authorities.length)} authorities; ${String(needed)} are needed.`;
}

/** What else is said of a relay than in the list before. */
export function changeText(before: RelayEntry, after: RelayEntry): string {
  const gained = [...after.flags].filter((flag) => !before.flags.has(flag));
  const lost = [...before.flags].filter((flag) => !after.flags.has(flag));
  const said = [
    gained.length === 0 ? "" : `now ${gained.join(", ")}`,
    lost.length === 0 ? "" : `no longer ${lost.join(", ")}`,
    before.weight === after.weight ? "" : `weight ${String(before.weight)} → ${String(after.weight)} KiB/s`,
  ].filter((part) => part !== "");
  return said.length === 0 ? "published anew" : said.join("; ");
}

export function entryText({ descriptor, flags, weight }: RelayEntry): string {
  const where = descriptor.platform === "node" ? "Node" : "tab";
  const shown = [...flags].filter((flag) => flag !== "Running" && flag !== "Valid");
  return [where, `${String(weight)} KiB/s`, ...shown].join(" · ");
}

/** @param votes how many are at hand. */
export function flagText({ isSet, for: voters }: FlagVotes, votes: number): string {
  const who = `${String(voters.length)} of ${String(votes)} votes at hand`;
  return isSet ? `set, by ${who}` : `not set; ${who} for it`;
}

export function weightText({ entry, weightFrom }: RelayExplanation): string {
  return `${String(entry.weight)} KiB/s: ${WEIGHT_REASONS[weightFrom]}. It claims ${String(entry.descriptor.capacity)} KiB/s.`;
}

export function gaveText({ authority, weight, measured }: RelayExplanation["weights"][number]): string {
  const seen = measured === undefined ? "has not measured it" : `measured ${String(measured)}`;
  return `${shortId(authority)} gave ${String(weight)} KiB/s, ${seen}`;
}

/** Time of day, in the person's own zone, for what is minutes old. */
export function timeText(ms: number): string {
  return new Date(ms).toLocaleTimeString("en-GB");
}
