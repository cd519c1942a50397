import {
  type DataChannel,
  type DataChannelReceiver,
  generateDhKeyPair,
  signDescriptor,
  silentLog,
} from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { BrokerDialer, DirectoryClient, OfferResponder, rtcConnector } from "@tabor/rtc-link";
import { nodeRtcPlatform } from "@tabor/rtc-link/node";
import { expect, it } from "vitest";
import { startSignalServer } from "./server.ts";
import { freshKey } from "./testing/memory-peer.ts";
import { emptyRegister } from "./testing/memory-register.ts";

const shared = { clock: systemClock, random: systemRandom, log: silentLog };

it("opens a WebRTC data channel between a client and a relay that the directory lists", async () => {
  const authority = await freshKey();
  const server = await startSignalServer({
    ...shared,
    host: "127.0.0.1",
    port: 0,
    authority,
    webFolder: undefined,
    site: "tabor.localhost",
    others: [],
    fetch,
    roundMs: 2000,
    iceServers: [],
    admission: "open",
    register: emptyRegister,
    allowedOrigins: new Set(),
  });
  const identity = await freshKey();
  const signalKeys = await generateDhKeyPair();
  const descriptor = () =>
    signDescriptor(
      {
        ntorKey: new Uint8Array(32).fill(1),
        signalKey: signalKeys.publicKey,
        published: systemClock.now(),
        platform: "node",
        nat: "unknown",
        capacity: 1000,
        family: [],
        policy4: "reject 1-65535",
        policy6: "reject 1-65535",
      },
      identity,
    );
  const common = { ...shared, servers: [`http://127.0.0.1:${server.port}`], authorities: [authority.id] };
  const relay = new DirectoryClient({ ...common, membership: { role: "relay", identity, descriptor } });
  const client = new DirectoryClient({ ...common, membership: { role: "client" } });
  const connector = rtcConnector(nodeRtcPlatform({ bindAddress: "127.0.0.1" }), systemClock);
  let accept: (channel: DataChannel) => void;
  const accepted = new Promise<DataChannel>((resolve) => (accept = resolve));
  const responder = new OfferResponder({
    ...shared,
    broker: relay,
    connector,
    relay: identity.id,
    signalKeys,
    linkCount: () => 0,
    maxLinks: 512,
    accept: (channel) => {
      accept(channel);
      return Promise.resolve();
    },
  });
  const dialer = new BrokerDialer({ broker: client, connector, clock: systemClock });

  const consensus = await new Promise<NonNullable<typeof client.current>>((resolve) => {
    client.subscribe((next) => {
      if (next.relaysById.has(identity.id)) resolve(next);
    });
  });
  const entry = consensus.relaysById.get(identity.id);
  if (!entry) throw new Error("not listed");
  const mine = await dialer.dial(entry, new AbortController().signal);
  const theirs = await accepted;
  expect(mine.fingerprints.local).toEqual(theirs.fingerprints.remote);
  expect(mine.fingerprints.remote).toEqual(theirs.fingerprints.local);
  const received = new Promise<Uint8Array>((resolve) => {
    theirs.receive(receiver({ message: resolve }));
  });
  const closed = new Promise<string>((resolve) => {
    mine.receive(receiver({ closed: resolve }));
  });
  mine.send(new Uint8Array(2048).fill(9));
  expect(await received).toEqual(new Uint8Array(2048).fill(9));

  theirs.close();
  await closed;
  responder.close();
  dialer.close();
  client.close();
  relay.close();
  await server.close();
});

function receiver(own: Partial<DataChannelReceiver>): DataChannelReceiver {
  const nothing = (): void => undefined;
  return { message: nothing, drained: nothing, closed: nothing, ...own };
}
