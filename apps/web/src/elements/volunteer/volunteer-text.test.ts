import { TaborError, type RelayId, type RelayStats } from "@tabor/onion-core";
import { expect, test } from "vitest";
import type { SelfTest, VolunteerState } from "../../services/volunteer.ts";
import { DEFAULT_SETTINGS } from "../../volunteer/settings.ts";
import { connectionsText, selfTestText, volunteerText } from "./volunteer-text.ts";

type Running = VolunteerState & { readonly name: "on" };

const { limits } = DEFAULT_SETTINGS;
const untested: SelfTest = { name: "none" };

function running(change: Partial<Omit<Running, "stats">>, stats: Partial<RelayStats> = {}): Running {
  const none: RelayStats = {
    ...{ relayLinks: 0, clientLinks: 0, circuits: 0, circuitsTotal: 0, circuitsRefused: 0 },
    ...{ cellsIn: 0, cellsOut: 0, bytesIn: 0, bytesOut: 0 },
  };
  const base: Omit<Running, "stats"> = {
    name: "on",
    relay: "r" as RelayId,
    minutes: 60,
    listed: true,
    otherRelays: 3,
    allowance: "free",
    problem: undefined,
    fetching: { name: "off" },
    nat: "unknown",
    connections: { opened: 0, failed: 0, throughTurn: 0 },
  };
  return { ...base, ...change, stats: { ...none, ...stats } };
}

test.each([
  [running({ listed: false }), "list this relay"],
  [running({ otherRelays: 0 }), "no other relays"],
  [running({}), "linking to other relays"],
  [running({ nat: "hard" }), "a hard NAT"],
  [running({ minutes: 1 }, { relayLinks: 3 }), "Idle and well, and new"],
  [running({}, { relayLinks: 3 }), "no circuit passes here just now"],
  [running({}, { relayLinks: 3, circuits: 1 }), "1 circuit now"],
  [running({}, { relayLinks: 3, circuits: 7 }), "7 circuits now."],
  [running({}, { relayLinks: 3, circuits: limits.circuits ?? 0 }), "As many as your limits allow"],
  [running({ allowance: "low" }, { relayLinks: 3, circuits: 2 }), "new ones are refused"],
])("an idle relay says why, a busy one how busy (%#)", (state, words) => {
  expect(volunteerText(state, limits, untested)).toContain(words);
});

test("an idle relay whose last test failed is not called well", () => {
  const failed: SelfTest = {
    name: "failed",
    at: 0,
    problem: new TaborError("timeout", "relay", "no answer"),
  };
  const text = (state: Running) => volunteerText(state, limits, failed);
  for (const minutes of [1, 60])
    expect(text(running({ minutes }, { relayLinks: 3 }))).toContain("the last test of this relay failed");
  expect(text(running({}, { relayLinks: 3, circuits: 1 }))).toContain("1 circuit now");
});

test.each(["frozen", "offline", "metered", "battery", "hours", "data"] as const)(
  "one that rests says why: %s",
  (reason) => {
    expect(volunteerText({ name: "resting", reason }, limits, untested)).toMatch(/^Resting: /);
  },
);

test("trouble is told before anything else", () => {
  const problem = new TaborError("closed", "directory", "gone");
  expect(volunteerText(running({ problem }, { circuits: 2 }), limits, untested)).toContain("tried again");
  expect(volunteerText({ name: "failed", problem }, limits, untested)).toContain("tried again");
});

test("connections are told with how many came about, and through TURN", () => {
  expect(connectionsText({ opened: 0, failed: 0, throughTurn: 0 })).toContain("No connection");
  expect(connectionsText({ opened: 3, failed: 1, throughTurn: 0 })).toContain(
    "3 of 4 connections came about (75 %). None",
  );
  expect(connectionsText({ opened: 1, failed: 0, throughTurn: 1 })).toContain("1 goes through a TURN server");
  expect(connectionsText({ opened: 2, failed: 0, throughTurn: 2 })).toContain("2 go through a TURN server");
});

test("the self-test says what came of it, and when", () => {
  const problem = new TaborError("timeout", "relay", "it did not answer");
  expect(selfTestText({ name: "passed", at: 0, ms: 83.7 }, 0)).toContain(
    "84 ms, and cells both ways (just now)",
  );
  expect(selfTestText({ name: "passed", at: 0, ms: 1 }, 125_000)).toContain("2 minutes ago");
  expect(selfTestText({ name: "failed", at: 0, problem }, 60_000)).toContain(
    "1 minute ago: It did not answer",
  );
});
