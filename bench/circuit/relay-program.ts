import {
  type ExitConnector,
  generateSigningKey,
  OnionRelay,
  type Platform,
  type Primitives,
  RelayMesh,
  signDescriptor,
  silentLog,
} from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { receivedDirectory } from "./directory.ts";
import { tell } from "./parent.ts";
import type { Wire } from "./wire.ts";

const REPORT_LINKS_MS = 50;
const OTHER_RELAYS = 2;

export interface RelayProgram {
  readonly wire: Wire;
  readonly platform: Platform;
  readonly primitives: Primitives;
  /** With it the relay is an exit. */
  readonly exit?: ExitConnector | undefined;
  /** How many other relays there are; two unless it says so. */
  readonly others?: number;
}

/** Runs one relay of the measured network, with the links and the ciphers of a real one; only the broker is the process that measures. */
export async function runRelay({
  wire,
  platform,
  primitives,
  exit,
  others = OTHER_RELAYS,
}: RelayProgram): Promise<void> {
  const { key: identity } = await generateSigningKey();
  const ntorKeys = await primitives.handshake.generateKeyPair();
  const deps = { clock: systemClock, random: systemRandom, log: silentLog };
  const relay = new OnionRelay({ identity, ntorKeys, primitives, ...deps, ...(exit ? { exit } : {}) });
  const directory = receivedDirectory();
  wire.answer((channel) => {
    relay.addChannel(channel).catch((error: unknown) => {
      console.error(error);
    });
  });
  const dialer = { dial: wire.dial.bind(wire) };
  new RelayMesh({
    ...{ relay, directory, maxLinks: 8, ...deps },
    dialer: { dial: (entry) => dialer.dial(entry.descriptor.identity) },
  });
  reportLinks(relay, others);
  const summary = exit ? "accept 1-65535" : "reject 1-65535";
  const descriptor = await signDescriptor(
    {
      ...{ ntorKey: ntorKeys.publicKey, signalKey: new Uint8Array(32), published: Date.now() },
      ...{ platform, nat: "unknown", capacity: 100_000, family: [], policy4: summary, policy6: summary },
    },
    identity,
  );
  tell({ type: "descriptor", bytes: descriptor });
}

/** Until it has all: nothing but circuits may take time while they are measured. */
function reportLinks(relay: OnionRelay, others: number): void {
  const reporting = setInterval(() => {
    tell({ type: "links", count: relay.linkCount });
    if (relay.linkCount === others) clearInterval(reporting);
  }, REPORT_LINKS_MS);
}
