import { BatchRunner } from "./batches.ts";
import { heaviestTenth, loadRatio, POSITIONS } from "./load.ts";
import type { Population } from "./network.ts";
import { badShare, CIRCUITS_PER_DAY, type SimResult } from "./simulate.ts";
import { chances, chancesWithoutGuards, type BadShares, type Chances } from "./theory.ts";
import type { Figure } from "../lib/figures.ts";

const DAYS = 30;
const BAD_SHARES = [0.05, 0.1, 0.2];
/** Of the bad relays, where the quickest of three circuits is taken. */
const QUICK_SHARE = 0.1;
const SEED = 20_270_101;
const WHAT: readonly (keyof Chances)[] = ["guard", "ends", "whole"];
const MEANING: Readonly<Record<keyof Chances, string>> = {
  guard: "clients whose guard is ever bad",
  ends: "clients of whom guard and exit of one circuit are ever bad",
  whole: "clients of whom all three relays of one circuit are ever bad",
};

const STEADY: Population = { nodes: 1000, exitShare: 0.3, tabs: 0, churn: false };
const TABS: Population = { nodes: 200, exitShare: 0.3, tabs: 800, churn: true };

/** Draws that say something of what a relay gets: circuits; of guards the circuits of so many clients, since a client draws one. */
const ENOUGH = { guard: 10 * DAYS * CIRCUITS_PER_DAY, middle: 300, exit: 300 };

/** 1000 relays and as many clients as are asked for, for 30 days, with the client's own code for guards and paths. */
export async function simFigures(clients: number): Promise<Figure[]> {
  const runner = new BatchRunner();
  const common = { days: DAYS, seed: SEED };
  const [steady, tabs, quick] = await Promise.all([
    runner.simulate("relays that stay", { ...common, population: STEADY, clients }),
    runner.simulate("tabs", { ...common, population: TABS, clients }),
    runner.simulate("quickest of three", {
      ...{ ...common, population: STEADY, quickBadShare: QUICK_SHARE },
      clients: Math.ceil(clients / 10),
    }),
  ]);
  return [...scenarioFigures("steady", steady), ...scenarioFigures("tabs", tabs), ...quickest(quick)];
}

function scenarioFigures(name: string, result: SimResult): Figure[] {
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
    guard: badShare(result, "guard", share),
    middle: badShare(result, "middle", share),
    exit: badShare(result, "exit", share),
  };
}

function loads(name: string, { loads: all }: SimResult): Figure[] {
  return POSITIONS.flatMap((position) => {
    // With few clients nothing can be said of single relays.
    const ratioOf = (fraction: number): number => loadRatio(all[position], fraction, ENOUGH[position]);
    const fractions = Number.isNaN(ratioOf(0)) ? [] : [0.05, 0.5, 0.95];
    const prefix = `sim.${name}.load.${position}`;
    const { weight, load } = heaviestTenth(all[position]);
    return [
      ...fractions.map((fraction) => ({
        name: `${prefix}.p${String(100 * fraction)}`,
        value: ratioOf(fraction),
        unit: "×",
        meaning: `load of relays as ${position} ÷ what their weight lets expect`,
      })),
      figure(`${prefix}.tenth.weight`, weight, `the tenth with the most weight as ${position}: its weight`),
      figure(`${prefix}.tenth`, load, "and what it carries"),
    ];
  });
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
function quickest(result: SimResult): Figure[] {
  const bad = badShares(result, QUICK_SHARE);
  return [
    figure(
      "sim.quickest.bad10.circuits",
      belowShare(result.circuitEnds, QUICK_SHARE),
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
