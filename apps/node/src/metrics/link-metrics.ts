import { NAT_CLASSES } from "@tabor/onion-core";
import type { Metric } from "@tabor/operator";
import { LINK_DIRECTIONS, type LinkCounts, type NatWatch } from "@tabor/rtc-link";

type Counts = Pick<LinkCounts, "opened" | "failed" | "throughTurn">;

const PERCENT_BIN = 5;

/** How WebRTC connections fare. @param bin as clients take part in them. */
export function linkMetrics(counts: Counts, bin: number): readonly Metric[] {
  return [
    {
      name: "tabor_connections_total",
      help: "WebRTC connections that were dialled or answered, and whether they opened.",
      kind: "counter",
      bin,
      value: () =>
        LINK_DIRECTIONS.flatMap((direction) => [
          [{ direction, result: "opened" }, counts.opened[direction]] as const,
          [{ direction, result: "failed" }, counts.failed[direction]] as const,
        ]),
    },
    {
      name: "tabor_connections_opened_percent",
      help: "How many of a hundred that were dialled or answered opened; 0 if there were none.",
      kind: "gauge",
      bin: PERCENT_BIN,
      value: () =>
        LINK_DIRECTIONS.map((direction) => [{ direction }, percentOpened(counts, direction)] as const),
    },
    {
      name: "tabor_connections_turn",
      help: "Connections that go through a TURN server now.",
      kind: "gauge",
      bin,
      value: () => counts.throughTurn,
    },
  ];
}

function percentOpened({ opened, failed }: Counts, direction: (typeof LINK_DIRECTIONS)[number]): number {
  const all = opened[direction] + failed[direction];
  return all === 0 ? 0 : (100 * opened[direction]) / all;
}

/** What is between this relay and the others; its descriptor tells everybody as much. */
export function natMetric(nat: Pick<NatWatch, "current">): Metric {
  return {
    name: "tabor_relay_nat",
    help: "1 for what NAT is between this relay and the others: unknown; easy, or none; hard; turn, a hard one with a TURN server.",
    kind: "gauge",
    value: () => NAT_CLASSES.map((name) => [{ class: name }, Number(nat.current === name)] as const),
  };
}
