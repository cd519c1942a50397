import type { MeasurerStats } from "@tabor/onion-core";
import type { Metric } from "@tabor/operator";

/** How the relays are, and how measuring them goes; no relay is named. */
export function measurerMetrics(measurer: { readonly stats: MeasurerStats }): readonly Metric[] {
  return [
    {
      name: "tabor_measurer_relays",
      help: "Listed relays, by whether circuits through them work.",
      kind: "gauge",
      value: () => {
        const { answering, silent, untried } = measurer.stats;
        return [
          [{ state: "answering" }, answering],
          [{ state: "silent" }, silent],
          [{ state: "untried" }, untried],
        ];
      },
    },
    {
      name: "tabor_measurer_measured_relays",
      help: "Listed relays that were measured within a day.",
      kind: "gauge",
      value: () => measurer.stats.measured,
    },
    {
      name: "tabor_measurer_looks_total",
      help: "Circuits that were built to see whether a relay answers.",
      kind: "counter",
      value: () => {
        const { answered, failed } = measurer.stats.looks;
        return [
          [{ result: "answered" }, answered],
          [{ result: "failed" }, failed],
        ];
      },
    },
    {
      name: "tabor_measurer_transfers_total",
      help: "Transfers that were made to see how much a relay carries.",
      kind: "counter",
      value: () => {
        const { done, failed } = measurer.stats.transfers;
        return [
          [{ result: "done" }, done],
          [{ result: "failed" }, failed],
        ];
      },
    },
  ];
}
