import {
  buildConsensus,
  generateSigningKey,
  relayId,
  signConsensus,
  verifyDescriptor,
} from "@tabor/onion-core";
import type { Measured, MeasurePlan } from "./messages.ts";
import { Processes } from "./processes.ts";

/** Something with a client and a site that can be measured, again and again. */
export interface MeasuredNetwork {
  measure(plan: MeasurePlan): Promise<Measured>;
  /** CPU seconds that each process has used so far. */
  cpuSeconds(): ReadonlyMap<string, number>;
  stop(): void;
}

/** A client, three plain forwarders and a site, a process each. */
export async function startChain(): Promise<MeasuredNetwork> {
  const processes = new Processes();
  const sitePort = await startSite(processes);
  const forwarders = ["forwarder 1", "forwarder 2", "forwarder 3"];
  const started = forwarders.map((name) => processes.message("links", name));
  for (const [i, name] of forwarders.entries()) {
    processes.start(name, "chain-forwarder.ts", forwarders[i + 1] ?? "site");
  }
  await Promise.all(started);
  const linked = forwarders.map((name) => processes.message("links", name));
  processes.start("client", "chain-client.ts");
  await Promise.all(linked);
  return measured(processes, sitePort);
}

/** A client, three relays of which one is an exit, and a site, a process each. */
export async function startOnion(): Promise<MeasuredNetwork> {
  const processes = new Processes();
  const sitePort = await startSite(processes);
  const relays = ["relay 1", "relay 2", "exit"];
  const descriptors = relays.map((name) => processes.message("descriptor", name));
  for (const name of relays) processes.start(name, "onion-relay.ts", name === "exit" ? "exit" : "relay");
  const network = await consensusOf(
    processes,
    relays,
    await Promise.all(descriptors.map(async (d) => (await d).bytes)),
  );
  const linked = relays.map((name) =>
    processes.message("links", name, ({ count }) => count === relays.length - 1),
  );
  for (const name of relays) processes.tell(name, network);
  await Promise.all(linked);
  const ready = processes.message("links", "client");
  processes.start("client", "onion-client.ts");
  processes.tell("client", network);
  await ready;
  return measured(processes, sitePort);
}

async function startSite(processes: Processes): Promise<number> {
  const listening = processes.message("listening", "site");
  processes.start("site", "site.ts");
  return (await listening).port;
}

async function consensusOf(
  processes: Processes,
  names: readonly string[],
  descriptors: readonly Uint8Array[],
) {
  const { key: authority } = await generateSigningKey();
  const relays = await Promise.all(
    descriptors.map(async (bytes, index) => {
      const descriptor = await verifyDescriptor(bytes, Date.now());
      processes.alias(names[index] ?? "", descriptor.identity);
      return { descriptor, descriptorBytes: bytes, address: "127.0.0.1", since: Date.now() };
    }),
  );
  const { body } = await buildConsensus({ relays, now: Date.now() });
  const bytes = await signConsensus(body, [authority]);
  return { type: "consensus", bytes, authority: relayId(authority.publicKey) } as const;
}

function measured(processes: Processes, sitePort: number): MeasuredNetwork {
  return {
    measure: async (plan) => {
      const answer = processes.message("measured", "client");
      processes.tell("client", { type: "measure", sitePort, plan });
      return (await answer).result;
    },
    cpuSeconds: () => processes.cpuSeconds(),
    stop: () => {
      processes.stop();
    },
  };
}
