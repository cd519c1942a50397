import type { OnionRelay } from "@tabor/onion-core";
import { BYTES_BIN, CLIENTS_BIN, type Metric } from "@tabor/operator";
import type { DirectoryClient } from "@tabor/rtc-link";
import type { RelayPeer } from "../peer/relay-peer.ts";

const ALLOWANCES = ["free", "low", "spent"] as const;

type Relay = Pick<OnionRelay, "id" | "stats" | "memory" | "allowance" | "dataUsed" | "isDraining">;

/** What a relay carries, refuses and holds. */
export function relayMetrics(relay: Relay, directory: Pick<DirectoryClient, "current">): readonly Metric[] {
  return [...circuitMetrics(relay), ...trafficMetrics(relay), ...stateMetrics(relay, directory)];
}

function circuitMetrics(relay: Relay): readonly Metric[] {
  return [
    {
      name: "tabor_relay_circuits",
      help: "Circuits that are carried now.",
      kind: "gauge",
      bin: CLIENTS_BIN,
      value: () => relay.stats.circuits,
    },
    {
      name: "tabor_relay_circuits_total",
      help: "Circuits carried since the start.",
      kind: "counter",
      bin: CLIENTS_BIN,
      value: () => relay.stats.circuitsTotal,
    },
    {
      name: "tabor_relay_circuits_refused_total",
      help: "Circuits refused for the operator's limits, for want of memory, or while draining.",
      kind: "counter",
      bin: CLIENTS_BIN,
      value: () => relay.stats.circuitsRefused,
    },
    {
      name: "tabor_relay_memory_killed_total",
      help: "Circuits and links that were ended because the queues held too much.",
      kind: "counter",
      bin: CLIENTS_BIN,
      value: () => relay.memory.ended,
    },
    {
      name: "tabor_relay_links",
      help: "Links to other relays that are open now; the consensus tells everybody about as much.",
      kind: "gauge",
      value: () => relay.stats.relayLinks,
    },
    {
      name: "tabor_relay_client_links",
      help: "Links to clients that are open now.",
      kind: "gauge",
      bin: CLIENTS_BIN,
      value: () => relay.stats.clientLinks,
    },
  ];
}

/** How the links came about: the broker of the directory should see little of it. */
export function signalledMetric(signalled: RelayPeer["signalled"]): Metric {
  return {
    name: "tabor_relay_signalled_total",
    help: "Links that were dialled or answered, by what carried their offers: the broker, or other relays.",
    kind: "counter",
    bin: CLIENTS_BIN,
    value: () =>
      Object.entries(signalled()).flatMap(([direction, { broker, mesh }]) => [
        [{ direction, by: "broker" }, broker] as const,
        [{ direction, by: "mesh" }, mesh] as const,
      ]),
  };
}

function trafficMetrics(relay: Relay): readonly Metric[] {
  return [
    {
      name: "tabor_relay_bytes_total",
      help: "Bytes of all links, padding included.",
      kind: "counter",
      bin: BYTES_BIN,
      value: () => [
        [{ direction: "in" }, relay.stats.bytesIn],
        [{ direction: "out" }, relay.stats.bytesOut],
      ],
    },
    {
      name: "tabor_relay_queue_bytes",
      help: "Bytes that wait in all queues.",
      kind: "gauge",
      bin: BYTES_BIN,
      value: () => relay.memory.held,
    },
    {
      name: "tabor_relay_queue_limit_bytes",
      help: "Bytes that may wait before the oldest are ended.",
      kind: "gauge",
      value: () => relay.memory.bound,
    },
    {
      name: "tabor_relay_data_used_bytes",
      help: "Bytes in both directions, this day and this month, as the limits count them.",
      kind: "gauge",
      bin: BYTES_BIN,
      value: () => [
        [{ period: "day" }, relay.dataUsed.bytesOfDay],
        [{ period: "month" }, relay.dataUsed.bytesOfMonth],
      ],
    },
  ];
}

function stateMetrics(relay: Relay, directory: Pick<DirectoryClient, "current">): readonly Metric[] {
  return [
    {
      name: "tabor_relay_allowance",
      help: "1 for how far the data is used up: free; low, which takes no new circuit; spent, which carries none.",
      kind: "gauge",
      value: () => ALLOWANCES.map((state) => [{ state }, Number(relay.allowance === state)] as const),
    },
    {
      name: "tabor_relay_draining",
      help: "1 while it takes no new circuits because it is about to end.",
      kind: "gauge",
      value: () => Number(relay.isDraining),
    },
    {
      name: "tabor_relay_listed",
      help: "1 while it is in the consensus.",
      kind: "gauge",
      value: () => Number(directory.current?.relaysById.has(relay.id) ?? false),
    },
  ];
}
