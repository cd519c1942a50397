import { join } from "node:path";
import { Measurer } from "@tabor/onion-core";
import { BrokerDialer, DirectoryClient, LinkCounts } from "@tabor/rtc-link";
import { endNodeRtc } from "@tabor/rtc-link/node";
import type { Command } from "commander";
import { directoryMetrics } from "../metrics/directory-metrics.ts";
import { linkMetrics } from "../metrics/link-metrics.ts";
import { measurerMetrics } from "../metrics/measurer-metrics.ts";
import { findNetwork, type PeerDeps } from "../peer/network.ts";
import { nodePrimitives } from "../platform/node-primitives.ts";
import { loadMeasurements, MeasurementsKeeper } from "../state/measurements-file.ts";
import { keptMemberKey } from "../state/relay-keys.ts";
import { withJoinOptions, type JoinOptions } from "./network-options.ts";
import type { ProgramContext } from "./run-program.ts";
import { say } from "./say.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { tellStranger } from "./tell-stranger.ts";

export interface MeasureOptions extends JoinOptions {
  readonly state: string;
  /** The state folder of the authority that it measures for. */
  readonly results: string;
}

export function withMeasureOptions(command: Command): Command {
  return withJoinOptions(command, { what: "the measurer's member key", folder: ".tabor/measure" }).option(
    "--results <folder>",
    "the state folder of the authority that it measures for, which reads what is written there",
    ".tabor/signal",
  );
}

/** Joins as a client, and measures relays until it is told to end. Resolves once it has begun. */
export async function runMeasure(
  context: ProgramContext,
  options: MeasureOptions,
  deps: PeerDeps,
): Promise<void> {
  const { onEnd } = context;
  const { state, results, invite } = options;
  const { clock, random, log } = deps;
  const path = join(results, "measurements");
  const known = await loadMeasurements(path);
  const network = await findNetwork(options, deps);
  const links = new LinkCounts();
  const key = () => keptMemberKey(state);
  const directory = new DirectoryClient({
    ...{ servers: network.servers, authorities: network.authorities },
    ...{ clock, random, log: log.scoped("directory") },
    membership: { role: "client", member: { key, invite } },
  });
  const dialer = new BrokerDialer({ broker: directory, connector: links.counted(network.connector), clock });
  const keeper = new MeasurementsKeeper({ path, current: () => measurer.measurements, clock, log });
  const measurer = new Measurer({
    ...{ directory, dialer, tokens: directory.tokens, known, primitives: nodePrimitives },
    changed: () => {
      keeper.changed();
    },
    ...{ clock, random, log: log.scoped("measurer") },
  });
  onEnd(endNodeRtc);
  onEnd(async () => {
    await keeper.close();
    for (const part of [measurer, dialer, directory]) part.close();
  });
  tellStranger(directory, async () => (await key()).id);
  say(`Measuring the relays; what it finds out is in ${path}`);
  const metrics = [...measurerMetrics(measurer), ...linkMetrics(links, 1), ...directoryMetrics(directory)];
  await serveMetrics(context, { port: options.metrics, metrics, clock });
}
