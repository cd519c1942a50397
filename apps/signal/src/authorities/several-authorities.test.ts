/** Five authorities with real servers on the loopback interface, of whom one is silent and one votes twice. */
import {
  Authority,
  type JoinedRelay,
  type Log,
  type SigningKey,
  silentLog,
  verifyConsensus,
} from "@tabor/onion-core";
import { systemRandom } from "@tabor/platform";
import { VirtualClock } from "@tabor/onion-core/testing";
import { DirectoryClient } from "@tabor/rtc-link";
import { CONSENSUS_PATH } from "@tabor/signal-protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SignalServer, startSignalServer } from "../server.ts";
import { descriptorOf, freshKey } from "../testing/memory-peer.ts";
import { emptyRegister } from "../testing/memory-register.ts";
import { HttpPeers } from "./http-peers.ts";

const HOST = "127.0.0.1";
const ROUND = 400;
const TIMEOUT = 120_000;
const START = Date.now();

/** Time passes when nothing is under way between the servers: a round is long enough on any machine. */
let clock: VirtualClock;
let underWay = 0;
const countingFetch: typeof globalThis.fetch = async (...request) => {
  underWay++;
  try {
    return await fetch(...request);
  } finally {
    underWay--;
  }
};

/** Lets time pass until what is awaited has come. */
async function pass<T>(awaited: Promise<T>): Promise<T> {
  const progress = { isHere: false };
  void awaited.finally(() => (progress.isHere = true));
  while (!progress.isHere) {
    do await new Promise((resolve) => setTimeout(resolve, 2));
    while (underWay > 0);
    await clock.advance(ROUND / 4);
  }
  return awaited;
}

beforeEach(() => {
  clock = new VirtualClock(START);
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What an authority's log has said of others, and whom it waits for. */
class Faults implements Log {
  readonly told: string[] = [];
  readonly error = (): void => undefined;
  readonly info = (): void => undefined;
  readonly debug = (): void => undefined;
  readonly warn = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    this.told.push(`${message}: ${String(fields?.["fault"])} ${String(fields?.["authority"])}`);
    for (const look of this.looks) look();
  };
  readonly looks: (() => void)[] = [];
  scoped(): Log {
    return this;
  }
  until(line: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.told.some((told) => told.includes(line))) resolve();
      };
      this.looks.push(look);
      look();
    });
  }
}

/** As `AuthorityServer`, whose port is known once it listens. */
interface Place {
  readonly authority: SigningKey["id"];
  url: string;
}

async function network() {
  const keys = await Promise.all(Array.from({ length: 5 }, freshKey));
  const places: Place[] = keys.map(({ id }) => ({ authority: id, url: `http://${HOST}:9` }));
  const others = (key: SigningKey) => places.filter(({ authority }) => authority !== key.id);
  return { keys, places, others };
}

type World = Awaited<ReturnType<typeof network>>;

async function honest(
  world: World,
  index: number,
): Promise<{ server: SignalServer; faults: Faults; url: string }> {
  const authority = world.keys[index] as SigningKey;
  const faults = new Faults();
  const server = await startSignalServer({
    ...{ host: HOST, port: 0, authority, others: world.others(authority), roundMs: ROUND },
    ...{ webFolder: undefined, site: "tabor.localhost", iceServers: [], allowedOrigins: new Set<string>() },
    ...{ admission: "open", register: emptyRegister, fetch: countingFetch },
    ...{ clock, random: systemRandom, log: faults },
  });
  cleanups.push(() => server.close());
  const url = `http://${HOST}:${String(server.port)}`;
  (world.places[index] as Place).url = url;
  return { server, faults, url };
}

/** Two of the real thing with one key, which see different relays: each votes, and tells everybody. */
function equivocator({ keys, others }: World, index: number): void {
  const key = keys[index] as SigningKey;
  for (const relays of [[], [{ ...RELAY, descriptorBytes: Uint8Array.of(1) }]]) {
    const peers = new HttpPeers({
      ...{ key, servers: others(key), deadline: 2 * ROUND, fetch: countingFetch, clock, log: silentLog },
    });
    const authority = new Authority({
      ...{ key, authorities: keys.map(({ id }) => id), roundMs: ROUND, peers, relays: () => relays },
      ...{ publish: () => undefined, clock, log: silentLog },
    });
    cleanups.push(() => {
      authority.close();
    });
  }
}

const RELAY: Omit<JoinedRelay, "descriptorBytes"> = {
  descriptor: {
    identity: (await freshKey()).id,
    ...{ ntorKey: new Uint8Array(32), signalKey: new Uint8Array(32), published: Date.now(), capacity: 1 },
    platform: "node",
    nat: "unknown",
    ...{ family: [], policy4: "reject 1-65535", policy6: "reject 1-65535" },
  },
  address: HOST,
  since: 0,
};

test(
  "come to one consensus with a relay that three of them have seen, and name the two others",
  async () => {
    const world = await network();
    const running = [await honest(world, 0), await honest(world, 1), await honest(world, 2)];
    equivocator(world, 3);
    const authorities = world.keys.map(({ id }) => id);
    const identity = await freshKey();
    const servers = running.map(({ url }) => url);
    const common = { servers, authorities, clock, random: systemRandom, log: silentLog };
    const relay = new DirectoryClient({
      ...common,
      membership: {
        ...{ role: "relay", identity, descriptor: () => descriptorOf(identity, clock.now()) },
      },
    });
    cleanups.push(() => {
      relay.close();
    });
    const client = new DirectoryClient({ ...common, membership: { role: "client" } });
    const listed = new Promise((resolve) => {
      client.subscribe((consensus) => {
        if (consensus.relaysById.has(identity.id)) resolve(consensus.signers);
      });
    });
    cleanups.push(() => {
      client.close();
    });
    const signers = await pass(listed);
    expect(new Set(authorities.slice(0, 3))).toEqual(new Set(signers as readonly string[]));
    const named = running.map(async ({ faults }) => {
      await faults.until(`two votes ${authorities[3] ?? ""}`);
      await faults.until(`silent ${authorities[4] ?? ""}`);
    });
    await pass(Promise.all(named));
    const shown = await countingFetch(new URL(CONSENSUS_PATH, running[1]?.url));
    const bytes = new Uint8Array(await shown.arrayBuffer());
    const verified = await verifyConsensus(bytes, { authorities, now: clock.now() });
    expect(verified.signers).toHaveLength(3);
  },
  TIMEOUT,
);
