import {
  buildConsensus,
  generateSigningKey,
  relayId,
  signConsensus,
  verifyDescriptor,
} from "@tabor/onion-core";
import type { SitePorts, Task } from "./messages.ts";
import { Processes } from "./processes.ts";
import type { Usage } from "./usage.ts";
import type { LinkQuality } from "../links/link-quality.ts";

/** Something with a client and a site that can be measured, again and again. */
export interface MeasuredNetwork {
  /** @returns what `Task` says of its kind. @throws Error if it cannot be done. */
  run(task: Task): Promise<readonly number[]>;
  /** What each process has used so far. */
  usage(): ReadonlyMap<string, Usage>;
  stop(): void;
}

/** Of the processes that stand between client and site. */
export const FORWARDERS = ["forwarder 1", "forwarder 2", "forwarder 3"];
export const RELAYS = ["relay 1", "relay 2", "exit"];

/** A client, three plain forwarders and a site, a process each. */
export async function startChain(quality?: LinkQuality): Promise<MeasuredNetwork> {
  const processes = new Processes(quality);
  const site = await startSite(processes);
  return chainOf(processes, site, (name, next) => processes.start(name, "chain-forwarder.ts", next));
}

/** As many as two circuits to one exit need. */
export const RELAYS_OF_TWO_LEGS = ["relay 1", "relay 2", "relay 3", "relay 4", "exit"];

/** What is in an onion network besides the site. */
export interface OnionShape {
  readonly relays: readonly string[];
  /** What the client's program is started with. */
  readonly client: readonly "two-legs"[];
}

const THREE_RELAYS: OnionShape = { relays: RELAYS, client: [] };

/** A client, relays of which one is an exit, and a site, a process each. */
export async function startOnion(quality?: LinkQuality, shape = THREE_RELAYS): Promise<MeasuredNetwork> {
  const processes = new Processes(quality);
  const site = await startSite(processes);
  const others = String(shape.relays.length - 1);
  const start = (name: string): void => processes.start(name, "onion-relay.ts", roleOf(name), others);
  return onionOf(processes, site, start, shape);
}

/** @param start starts one forwarder; `next` is the next one's name, or "site". */
export async function chainOf(
  processes: Processes,
  site: SitePorts,
  start: (name: string, next: string) => unknown,
): Promise<MeasuredNetwork> {
  const started = FORWARDERS.map((name) => processes.message("links", name));
  for (const [i, name] of FORWARDERS.entries()) await start(name, FORWARDERS[i + 1] ?? "site");
  await Promise.all(started);
  const linked = FORWARDERS.map((name) => processes.message("links", name));
  processes.start("client", "chain-client.ts");
  await Promise.all(linked);
  return measured(processes, site);
}

/** @param start starts one relay. */
export async function onionOf(
  processes: Processes,
  site: SitePorts,
  start: (name: string) => unknown,
  { relays, client } = THREE_RELAYS,
): Promise<MeasuredNetwork> {
  const descriptors = relays.map((name) => processes.message("descriptor", name));
  for (const name of relays) await start(name);
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
  processes.start("client", "onion-client.ts", ...client);
  processes.tell("client", network);
  await ready;
  return measured(processes, site);
}

/** What a relay of this name is started as. */
export function roleOf(name: string): "relay" | "exit" {
  return name === "exit" ? "exit" : "relay";
}

async function startSite(processes: Processes): Promise<SitePorts> {
  const listening = processes.message("listening", "site");
  processes.start("site", "site.ts");
  return (await listening).site;
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
  const { body } = await buildConsensus({ authority: authority.id, relays, now: Date.now() });
  const bytes = await signConsensus(body, [authority]);
  return { type: "consensus", bytes, authority: relayId(authority.publicKey) } as const;
}

function measured(processes: Processes, site: SitePorts): MeasuredNetwork {
  return {
    run: async (task) => {
      const answer = processes.message("answer", "client");
      processes.tell("client", { type: "task", site, task });
      const { result } = await answer;
      if (typeof result === "string") throw new Error(`${task.kind}: ${result}`);
      return result;
    },
    usage: () => processes.usage(),
    stop: () => {
      processes.stop();
    },
  };
}
