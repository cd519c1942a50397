import { join } from "node:path";
import { TaborError, type ClientStatus, type PaddingMode } from "@tabor/onion-core";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { startClientPeer, type ClientPeer } from "../peer/client-peer.ts";
import { findNetwork, type PeerDeps } from "../peer/network.ts";
import { listenSentence } from "../net/listen-sentence.ts";
import { listenSocks, type SocksServer } from "../socks/server.ts";
import { guardFile } from "../state/guard-file.ts";
import { keptMemberKey } from "../state/relay-keys.ts";
import type { JoinOptions } from "./network-options.ts";
import { tellParent } from "./parent.ts";
import type { ProgramContext } from "./run-program.ts";
import { say } from "./say.ts";
import { tellStranger } from "./tell-stranger.ts";

export interface SocksOptions extends JoinOptions {
  readonly state: string;
  readonly host: string;
  readonly port: number;
  readonly padding: PaddingMode;
}

/** Joins as a client and listens. Resolves once it listens; the first circuit may still be under way. */
export async function runSocks(
  { onEnd }: ProgramContext,
  options: SocksOptions,
  deps: PeerDeps,
): Promise<void> {
  const network = await findNetwork(options, deps);
  const { state, padding, invite } = options;
  const key = () => keptMemberKey(state);
  const guards = guardFile(join(state, "guards"));
  const peer = startClientPeer(network, guards, deps, { padding, member: { key, invite } });
  tellStranger(peer.directory, async () => (await key()).id);
  onEnd(endNodeRtc);
  onEnd(peer.close);
  const server = await listen(options, peer, deps);
  onEnd(server.close);
  tellParent({ type: "listening", port: server.port });
  say(`SOCKS 5 proxy on ${options.host}:${String(server.port)}`);
  tellProgress(peer);
}

async function listen(options: SocksOptions, { client }: ClientPeer, deps: PeerDeps): Promise<SocksServer> {
  const { host, port } = options;
  try {
    return await listenSocks({ client, clock: deps.clock, log: deps.log.scoped("socks"), host, port });
  } catch (thrown) {
    throw new TaborError("unreachable", "here", listenSentence(thrown, "The SOCKS proxy", host, port), {
      cause: thrown,
    });
  }
}

function tellProgress({ client, directory }: ClientPeer): void {
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
