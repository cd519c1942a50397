import { BYTES_BIN, type Metric } from "./metric.ts";

/** What the process itself takes. */
export function processMetrics(): readonly Metric[] {
  return [
    {
      name: "process_resident_memory_bytes",
      help: "Memory of the process.",
      kind: "gauge",
      bin: BYTES_BIN,
      value: () => process.memoryUsage.rss(),
    },
    {
      name: "process_cpu_seconds_total",
      help: "Processor time since the start.",
      kind: "counter",
      bin: 1,
      value: () => {
        const { user, system } = process.cpuUsage();
        return Math.ceil((user + system) / 1e6);
      },
    },
    {
      name: "process_uptime_seconds",
      help: "Time since the start.",
      kind: "gauge",
      bin: 10,
      value: () => process.uptime(),
    },
  ];
}
