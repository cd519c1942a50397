/**
 * One relay of the measured network, in its own process, with the links and the cipher of a real one; only the broker is
 * the process that runs the measurement.
 *
 *     onion-relay.ts relay|exit
 */
import {
  ExitPolicy,
  generateSigningKey,
  OnionRelay,
  RelayMesh,
  signDescriptor,
  silentLog,
} from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { systemNameService } from "../../apps/node/src/exit/name-service.ts";
import { tcpExit } from "../../apps/node/src/exit/tcp-exit.ts";
import { nodePrimitives } from "../../apps/node/src/platform/node-primitives.ts";
import { receivedDirectory } from "./directory.ts";
import { tell } from "./parent.ts";
import { answer, dial } from "./wire.ts";

const REPORT_LINKS_MS = 50;
const OTHER_RELAYS = 2;
const isExit = process.argv[2] === "exit";
const policy = ExitPolicy.parse(isExit ? "accept 127.0.0.0/8:*" : "reject *:*");
const { key: identity } = await generateSigningKey();
const ntorKeys = await nodePrimitives.handshake.generateKeyPair();
const deps = { clock: systemClock, random: systemRandom, log: silentLog };
const exit = isExit ? { exit: tcpExit({ policy, names: systemNameService, clock: systemClock }) } : {};
const relay = new OnionRelay({ identity, ntorKeys, primitives: nodePrimitives, ...deps, ...exit });
const directory = receivedDirectory();

answer((channel) => {
  relay.addChannel(channel).catch((error: unknown) => {
    console.error(error);
  });
});
new RelayMesh({
  relay,
  directory,
  dialer: { dial: (entry) => dial(entry.descriptor.identity) },
  maxLinks: 8,
  ...deps,
});
const reporting = setInterval(() => {
  tell({ type: "links", count: relay.linkCount });
  // Nothing but circuits may take time while they are measured.
  if (relay.linkCount === OTHER_RELAYS) clearInterval(reporting);
}, REPORT_LINKS_MS);

const summaries = isExit
  ? { policy4: "accept 1-65535", policy6: "accept 1-65535" }
  : { policy4: "reject 1-65535", policy6: "reject 1-65535" };
const descriptor = await signDescriptor(
  {
    ntorKey: ntorKeys.publicKey,
    signalKey: new Uint8Array(32),
    published: Date.now(),
    platform: "node",
    capacity: 100_000,
    family: [],
    ...summaries,
  },
  identity,
);
tell({ type: "descriptor", bytes: descriptor });
