import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { isClockJump, RoundTrip } from "./round-trip.ts";
import { TOR_PARAMETERS } from "./vegas-parameters.ts";
import { VegasWindow } from "./vegas-window.ts";

/** A row's numbers by the name of their column. */
type Row = Readonly<Record<string, number>>;
interface Table {
  readonly columns: readonly string[];
}
interface Steps {
  readonly steps: readonly (readonly number[])[];
}

const file = new URL("../../test-vectors/congestion-vegas.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as {
  readonly parameters: Readonly<Record<string, number>>;
  readonly clock_heuristic: Table & Steps;
  readonly rtt: Table & Steps;
  readonly vegas_cwnd: Table & { readonly series: readonly (Steps & { readonly name: string })[] };
};

function rows({ columns }: Table, { steps }: Steps): Row[] {
  return steps.map((step) => Object.fromEntries(columns.map((column, i) => [column, step[i] ?? NaN])));
}

/** A column that must be there: its number. */
function at(row: Row, column: string): number {
  const value = row[column];
  if (value === undefined) throw new Error(`no column ${column}`);
  return value;
}

test("TOR_PARAMETERS are those that the vectors were made with", () => {
  const ours = Object.entries(TOR_PARAMETERS).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("min_pct", "minpct"),
    Number(value),
  ]);
  expect(Object.fromEntries(ours)).toEqual({
    ...vectors.parameters,
    cwnd_max: 2 ** 31 - 1,
    ss_queue_pct: 0,
  });
});

test("published clock test: all 17 steps", () => {
  const clock = { broken: false };
  const steps = rows(vectors.clock_heuristic, vectors.clock_heuristic);
  expect(steps).toHaveLength(17);
  for (const step of steps) {
    const jumped = isClockJump(
      {
        smoothed: at(step, "old_delta") * 1000,
        latest: at(step, "new_delta") * 1000,
        slowStart: at(step, "in_slow_start") === 1,
      },
      clock,
    );
    expect([Number(clock.broken), Number(jumped)]).toEqual([
      at(step, "cached_broken_after"),
      at(step, "stalled_or_jumped_result"),
    ]);
  }
});

test("published round trips: all 9 steps", () => {
  const roundTrip = new RoundTrip(TOR_PARAMETERS, { broken: false });
  const steps = rows(vectors.rtt, vectors.rtt);
  expect(steps).toHaveLength(9);
  for (const step of steps) {
    const rtt = at(step, "sendme_at") - at(step, "sent_at");
    expect(rtt).toBe(at(step, "rtt_out"));
    expect(roundTrip.sample(rtt, at(step, "cwnd_in"), at(step, "slow_start_in") === 1)).toBe(true);
    expect([roundTrip.smoothed, roundTrip.least]).toEqual([
      at(step, "ewma_rtt_out"),
      at(step, "min_rtt_out"),
    ]);
  }
});

describe("published windows", () => {
  it("are three series of 53 steps in all", () => {
    const { series } = vectors.vegas_cwnd;
    expect(series.map(({ steps }) => steps.length)).toEqual([31, 7, 15]);
  });

  test.each(vectors.vegas_cwnd.series)("$name", (series) => {
    const window = new VegasWindow(TOR_PARAMETERS, { broken: false });
    for (const step of rows(vectors.vegas_cwnd, series)) {
      window.acknowledged({
        rtt: at(step, "sendme_at") - at(step, "sent_at"),
        inflight: at(step, "inflight_in"),
        blocked: at(step, "channel_blocked_in") === 1,
        queued: 0,
      });
      expect({
        ewma_rtt_out: window.roundTrip.smoothed,
        min_rtt_out: window.roundTrip.least,
        cwnd_out: window.cwnd,
        in_slow_start_out: Number(window.slowStart),
        cwnd_full_out: Number(window.full),
        blocked_chan_out: Number(window.blocked),
      }).toEqual(Object.fromEntries(Object.entries(step).filter(([column]) => column.endsWith("_out"))));
    }
  });
});
