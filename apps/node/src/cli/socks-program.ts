import { join } from "node:path";
import { TaborError, type ClientStatus, type OnionClient, type PaddingMode } from "@tabor/onion-core";
import { LinkCounts, type DirectoryClient } from "@tabor/rtc-link";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { startClientPeer } from "../peer/client-peer.ts";
import { ClientCounts } from "../metrics/client-counts.ts";
import { directoryMetrics } from "../metrics/directory-metrics.ts";
import { linkMetrics } from "../metrics/link-metrics.ts";
import { findNetwork, type PeerDeps } from "../peer/network.ts";
import { listenSentence } from "../net/listen-sentence.ts";
import type { OnionClientPort } from "../socks/onion-client-port.ts";
import { listenSocks, type SocksServer } from "../socks/server.ts";
import { guardFile } from "../state/guard-file.ts";
import { keptMemberKey } from "../state/relay-keys.ts";
import type { JoinOptions } from "./network-options.ts";
import { tellParent } from "./parent.ts";
import type { ProgramContext } from "./run-program.ts";
import { say } from "./say.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { tellStranger } from "./tell-stranger.ts";

export interface SocksOptions extends JoinOptions {
  readonly state: string;
  readonly host: string;
  readonly port: number;
  readonly padding: PaddingMode;
  readonly twoLegs: boolean;
}

/** Joins as a client and listens. Resolves once it listens; the first circuit may still be under way. */
export async function runSocks(
  context: ProgramContext,
  options: SocksOptions,
  deps: PeerDeps,
): Promise<void> {
  const { onEnd } = context;
  const found = await findNetwork(options, deps);
  const links = new LinkCounts();
  const network = { ...found, connector: links.counted(found.connector) };
  const { state, padding, twoLegs, invite } = options;
  const key = () => keptMemberKey(state);
  const guards = guardFile(join(state, "guards"));
  const peer = startClientPeer(network, guards, deps, { padding, twoLegs, member: { key, invite } });
  tellStranger(peer.directory, async () => (await key()).id);
  onEnd(endNodeRtc);
  onEnd(peer.close);
  const counts = new ClientCounts(peer.client);
  const metrics = [...counts.metrics, ...linkMetrics(links, 1), ...directoryMetrics(peer.directory)];
  await serveMetrics(context, { port: options.metrics, metrics, clock: deps.clock });
  const { client, directory } = peer;
  onEnd(await openProxy(options, { client, directory, port: counts.counted(client) }, deps));
}

/** What a proxy is opened over. */
interface ProxyClient {
  readonly client: OnionClient;
  readonly directory: Pick<DirectoryClient, "onState">;
  /** What its streams go through; the client itself, or who counts them. */
  readonly port: OnionClientPort;
}

type Where = Pick<SocksOptions, "host" | "port">;

/** Listens, and tells how far the client is. @returns what closes it. @throws unreachable if it cannot listen there. */
export async function openProxy(
  where: Where,
  through: ProxyClient,
  deps: PeerDeps,
): Promise<() => Promise<void>> {
  const server = await listen(where, through.port, deps);
  tellParent({ type: "listening", port: server.port });
  say(`SOCKS 5 proxy on ${where.host}:${String(server.port)}`);
  tellProgress(through);
  return server.close;
}

async function listen({ host, port }: Where, client: OnionClientPort, deps: PeerDeps): Promise<SocksServer> {
  try {
    return await listenSocks({ client, clock: deps.clock, log: deps.log.scoped("socks"), host, port });
  } catch (thrown) {
    throw new TaborError("unreachable", "here", listenSentence(thrown, "The SOCKS proxy", host, port), {
      cause: thrown,
    });
  }
}

function tellProgress({ client, directory }: ProxyClient): void {
  let told = "";
  const tell = ({ percent, doing, problem }: ClientStatus): void => {
    const why = problem === undefined ? "" : ` (${problem.message}; trying again)`;
    const line = `${doing}${why}`;
    if (line === told) return;
    told = line;
    tellParent({ type: "bootstrap", percent, doing: line });
    say(`Bootstrapped ${String(percent)} %: ${line}`);
  };
  tell(client.status);
  client.subscribe((event) => {
    if (event.type === "status") tell(event.status);
  });
  directory.onState((state) => {
    if (state.phase === "lost" && client.status.stage === "directory") {
      tell({ ...client.status, problem: state.reason });
    }
  });
}
