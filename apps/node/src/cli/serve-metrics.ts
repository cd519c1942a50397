import { listenMetrics, MetricsPage, processMetrics, type Metric } from "@tabor/operator";
import type { Clock } from "@tabor/onion-core";
import type { ProgramContext } from "./ending.ts";
import { tellParent } from "./parent.ts";
import { say } from "./say.ts";

export interface ServedMetrics {
  /** Undefined: they are not served. */
  readonly port: number | undefined;
  readonly metrics: readonly Metric[];
  readonly clock: Clock;
}

/** Serves what a program counts, if its operator wants it. @throws unreachable if the port is taken. */
export async function serveMetrics(
  { onEnd }: ProgramContext,
  { port, metrics, clock }: ServedMetrics,
): Promise<void> {
  if (port === undefined) return;
  const server = await listenMetrics(new MetricsPage([...metrics, ...processMetrics()], clock), port);
  onEnd(server.close);
  tellParent({ type: "metrics", port: server.port });
  say(`Metrics on http://127.0.0.1:${String(server.port)}/metrics`);
}
