/** Peers in this process: the real ones of `apps/node`, where a test can look at them. */
import { ExitPolicy, type Log, silentLog } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { boundedNameService } from "../../apps/node/src/exit/bounded-name-service.ts";
import { systemNameService } from "../../apps/node/src/exit/name-service.ts";
import { tcpExit } from "../../apps/node/src/exit/tcp-exit.ts";
import { type ClientPeer, startClientPeer } from "../../apps/node/src/peer/client-peer.ts";
import { findNetwork, type Network } from "../../apps/node/src/peer/network.ts";
import { type RelayPeer, startRelayPeer } from "../../apps/node/src/peer/relay-peer.ts";
import { forgetfulGuards } from "../../apps/node/src/state/guard-file.ts";
import { freshRelayKeys, type RelayKeys } from "../../apps/node/src/state/relay-keys.ts";

/** Before the default policy, which refuses this machine. */
const LOOPBACK = "accept 127.0.0.0/8:*";

const deps = (log: Log) => ({ clock: systemClock, random: systemRandom, log });

export interface LocalRelayOptions {
  readonly directory: string;
  readonly exit?: boolean;
  readonly log?: Log;
  /** What this relay makes of its network: a place to put a hostile one's hands. */
  readonly through?: (network: Network) => Network;
}

const unchanged = (network: Network): Network => network;

export interface LocalRelay extends RelayPeer {
  readonly keys: RelayKeys;
}

export async function startLocalRelay(options: LocalRelayOptions): Promise<LocalRelay> {
  const { directory, exit = false, log = silentLog, through = unchanged } = options;
  const network = through(await findNetwork({ directory: [directory] }, deps(log)));
  const keys = await freshRelayKeys();
  const relayOptions = { network, keys, capacity: 8192, family: [] };
  const peer = startRelayPeer(exit ? { ...relayOptions, exit: loopbackExit() } : relayOptions, deps(log));
  return { ...peer, keys };
}

function loopbackExit() {
  const policy = ExitPolicy.ofExit(LOOPBACK);
  const names = boundedNameService(systemNameService, 2);
  const exit = tcpExit({ policy, names, clock: systemClock });
  return { policy, connector: exit, fetcher: exit };
}

export async function startLocalClient(directory: string, log: Log = silentLog): Promise<ClientPeer> {
  const network = await findNetwork({ directory: [directory] }, deps(log));
  return startClientPeer(network, forgetfulGuards(), deps(log));
}
