import { POSITIONS } from "./load.ts";
import type { Population } from "./network.ts";
import { CIRCUITS_PER_DAY, simulate, type SimResult } from "./simulate.ts";
import { chances, chancesWithoutGuards, type BadShares, type Chances } from "./theory.ts";
import type { Figure } from "../lib/figures.ts";

const DAYS = 30;
const BAD_SHARES = [0.05, 0.1, 0.2];
const SEED = 20_270_101;
const WHAT: readonly (keyof Chances)[] = ["guard", "ends", "whole"];
const MEANING: Readonly<Record<keyof Chances, string>> = {
  guard: "clients whose guard is ever bad",
  ends: "clients of whom guard and exit of one circuit are ever bad",
  whole: "clients of whom all three relays of one circuit are ever bad",
};

const STEADY: Population = { nodes: 1000, exitShare: 0.3, tabs: 0, churn: false };
const TABS: Population = { nodes: 200, exitShare: 0.3, tabs: 800, churn: true };

/**
 * 1000 relays and as many clients as are asked for, for 30 days, with the client's own code for guards and paths. With 10 000
 * clients it takes some ten minutes.
 */
export function simFigures(clients: number): Figure[] {
  return [
    ...scenarioFigures("steady", STEADY, clients),
    ...scenarioFigures("tabs", TABS, clients),
    ...quickest(Math.ceil(clients / 10)),
  ];
}

function scenarioFigures(name: string, population: Population, clients: number): Figure[] {
  const result = simulate({ population, clients, days: DAYS, seed: SEED });
  return [...badness(name, result), ...loads(name, result), ...guardCounts(name, result)];
}

function badness(name: string, result: SimResult): Figure[] {
  return BAD_SHARES.flatMap((share) => {
    const bad = badShares(result, share);
    const circuits = DAYS * CIRCUITS_PER_DAY;
    const expected = mean(result.clients.map(({ guards }) => chances(bad, circuits, Math.max(1, guards))));
    const without = chancesWithoutGuards(bad, circuits);
    const percent = `${String(100 * share)} % bad`;
    return WHAT.flatMap((what) => {
      const prefix = `sim.${name}.bad${String(100 * share)}.${what}`;
      const seen = result.clients.filter((client) => client[what] < share).length / result.clients.length;
      return [
        figure(prefix, seen, `${percent}: ${MEANING[what]}`),
        figure(`${prefix}.theory`, expected[what], "by theory"),
        figure(`${prefix}.noguards`, without[what], "by theory, if guards were drawn anew each time"),
      ];
    }).concat(
      figure(
        `sim.${name}.bad${String(100 * share)}.circuits`,
        belowShare(result.circuitEnds, share),
        `${percent}: circuits whose guard and exit are bad`,
      ),
    );
  });
}

function badShares(result: SimResult, share: number): BadShares {
  return {
    guard: result.badShare("guard", share),
    middle: result.badShare("middle", share),
    exit: result.badShare("exit", share),
  };
}

function loads(name: string, { loads: all }: SimResult): Figure[] {
  return POSITIONS.flatMap((position) =>
    [0.05, 0.5, 0.95].map((fraction) => ({
      name: `sim.${name}.load.${position}.p${String(100 * fraction)}`,
      value: all[position].ratio(fraction),
      unit: "×",
      meaning: `load of relays as ${position} ÷ what their weight lets expect`,
    })),
  );
}

function guardCounts(name: string, { clients, failures, circuitEnds }: SimResult): Figure[] {
  const total = clients.reduce((sum, { guards }) => sum + guards, 0);
  const one = clients.filter(({ guards }) => guards === 1).length;
  return [
    {
      name: `sim.${name}.guards`,
      value: total / clients.length,
      unit: "",
      meaning: "guards that a client used in 30 days, mean",
    },
    figure(`sim.${name}.guards.one`, one / clients.length, "clients that used one guard only"),
    figure(
      `sim.${name}.failed`,
      failures / (failures + circuitEnds.length),
      "circuits that could not be built",
    ),
  ];
}

/** What choosing the quickest of three circuits gives away at worst: bad exits that always answer first. */
function quickest(clients: number): Figure[] {
  const share = 0.1;
  const common = { population: STEADY, clients, days: DAYS, seed: SEED };
  const result = simulate({ ...common, quickBadShare: share });
  const bad = badShares(result, share);
  return [
    figure(
      "sim.quickest.bad10.circuits",
      belowShare(result.circuitEnds, share),
      "circuits with bad ends, if bad exits always answer first",
    ),
    figure("sim.quickest.bad10.circuits.theory", bad.guard * (1 - (1 - bad.exit) ** 3), "by theory"),
    figure(
      "sim.quickest.bad10.circuits.one",
      bad.guard * bad.exit,
      "by theory, if the first of the three were used",
    ),
  ];
}

function mean(all: readonly Chances[]): Chances {
  const of = (what: keyof Chances): number => all.reduce((sum, one) => sum + one[what], 0) / all.length;
  return { guard: of("guard"), ends: of("ends"), whole: of("whole") };
}

function belowShare(values: Float32Array, share: number): number {
  return values.reduce((count, value) => count + Number(value < share), 0) / values.length;
}

function figure(name: string, value: number, meaning: string): Figure {
  return { name, value: 100 * value, unit: "%", meaning };
}
