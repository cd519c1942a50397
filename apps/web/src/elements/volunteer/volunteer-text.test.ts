import { TaborError, type RelayId, type RelayStats } from "@tabor/onion-core";
import { expect, test } from "vitest";
import type { VolunteerState } from "../../services/volunteer.ts";
import { volunteerText } from "./volunteer-text.ts";

type Running = VolunteerState & { readonly name: "on" };

function running(change: Partial<Omit<Running, "stats">>, stats: Partial<RelayStats> = {}): Running {
  const none: RelayStats = {
    ...{ relayLinks: 0, clientLinks: 0, circuits: 0, circuitsTotal: 0, circuitsRefused: 0 },
    ...{ cellsIn: 0, cellsOut: 0, bytesIn: 0, bytesOut: 0 },
  };
  const base = {
    name: "on",
    relay: "r" as RelayId,
    listed: true,
    otherRelays: 3,
    problem: undefined,
  } as const;
  return { ...base, ...change, stats: { ...none, ...stats } };
}

test.each([
  [running({ listed: false }), "list this relay"],
  [running({ otherRelays: 0 }), "no other relays"],
  [running({}), "linking to other relays"],
  [running({}, { relayLinks: 3 }), "Idle and well"],
  [running({}, { relayLinks: 3, circuits: 1 }), "1 circuit now"],
  [running({}, { relayLinks: 3, circuits: 7 }), "7 circuits now"],
])("an idle relay says why, a busy one how busy (%#)", (state, words) => {
  expect(volunteerText(state)).toContain(words);
});

test("trouble is told before anything else", () => {
  const problem = new TaborError("closed", "directory", "gone");
  expect(volunteerText(running({ problem }, { circuits: 2 }))).toContain("tried again");
  expect(volunteerText({ name: "failed", problem })).toContain("Switch it on again");
});
