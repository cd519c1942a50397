import type { Metric } from "@tabor/operator";
import type { DirectoryClient } from "@tabor/rtc-link";

/** Whether the program is part of its network, and how large that is: both are public. */
export function directoryMetrics(directory: Pick<DirectoryClient, "state" | "current">): readonly Metric[] {
  return [
    {
      name: "tabor_directory_joined",
      help: "1 while joined to the directory.",
      kind: "gauge",
      value: () => Number(directory.state.phase === "joined"),
    },
    {
      name: "tabor_consensus_relays",
      help: "Relays in the consensus.",
      kind: "gauge",
      value: () => directory.current?.relays.length ?? 0,
    },
  ];
}
