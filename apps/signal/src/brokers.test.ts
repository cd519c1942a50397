/** Two broker processes of one authority, a real Redis, and peers that find them behind one address. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Consensus, parseRelayId, type RelayId, silentLog } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { DirectoryClient } from "@tabor/rtc-link";
import { type PeerAddress, relayAddress } from "@tabor/signal-protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Balancer } from "./testing/balancer.ts";
import { descriptorOf, freshKey } from "./testing/memory-peer.ts";
import { RedisServer } from "./testing/redis-server.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const TIMEOUT = 300_000;
const cleanups: (() => unknown)[] = [];

let state: string;
let redis: RedisServer;

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "tabor-brokers-"));
  cleanups.push(() => rm(state, { recursive: true }));
  redis = await RedisServer.start();
  cleanups.push(() => redis.end());
}, TIMEOUT);

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, TIMEOUT);

interface Broker {
  readonly child: ChildProcess;
  readonly port: number;
  readonly authority: RelayId;
}

async function broker(more: readonly string[] = ["--redis", redis.url]): Promise<Broker> {
  const options = ["--state", state, "--port", "0", "--log-level", "error", ...more];
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...options], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  cleanups.push(() => kill(child));
  const [{ port, authority }] = (await once(child, "message")) as [{ port: number; authority: string }];
  return { child, port, authority: parseRelayId(authority) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function peer(port: number, authority: RelayId, membership: "client" | Awaited<ReturnType<typeof freshKey>>) {
  const client = new DirectoryClient({
    servers: [`http://127.0.0.1:${String(port)}`],
    membership:
      membership === "client"
        ? { role: "client" }
        : {
            role: "relay",
            identity: membership,
            descriptor: () => descriptorOf(membership, systemClock.now()),
          },
    authorities: [authority],
    ...{ clock: systemClock, random: systemRandom, log: silentLog },
  });
  cleanups.push(() => {
    client.close();
  });
  return client;
}

/** The first consensus, now or later, that `holds`. */
function consensusWhere(client: DirectoryClient, holds: (consensus: Consensus) => boolean) {
  return new Promise<Consensus>((resolve) => {
    const look = (consensus: Consensus | undefined): void => {
      if (consensus && holds(consensus)) resolve(consensus);
    };
    look(client.current);
    client.subscribe(look);
  });
}

function joined(client: DirectoryClient): Promise<PeerAddress> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (client.state.phase === "joined") resolve(client.state.address);
    };
    look();
    client.onState(look);
  });
}

function lost(client: DirectoryClient): Promise<void> {
  return new Promise((resolve) => {
    client.onState(({ phase }) => {
      if (phase === "lost") resolve();
    });
  });
}

const lists =
  (keys: readonly { readonly id: RelayId }[]) =>
  ({ relaysById }: Consensus): boolean =>
    keys.every(({ id }) => relaysById.has(id));

it(
  "carry signals between their peers, and move them when one is killed; no relay vanishes, nor when Redis does",
  async () => {
    const [first, second] = [await broker(), await broker()];
    const { authority } = first;
    const front = await Balancer.start([first.port, second.port]);
    cleanups.push(() => {
      front.close();
    });
    const keys = await Promise.all(Array.from({ length: 4 }, freshKey));
    const relays = keys.map((key) => peer(front.port, authority, key));
    const watcher = peer(second.port, authority, "client");
    await consensusWhere(watcher, lists(keys));
    const vanished: string[] = [];
    watcher.subscribe((consensus) => {
      for (const { id } of keys) if (!consensus.relaysById.has(id)) vanished.push(id);
    });

    // A client at one broker and a relay at the other: one of these is at `first`.
    const client = peer(first.port, authority, "client");
    const own = await joined(client);
    for (const [i, { id }] of keys.entries()) {
      const relay = relays[i];
      if (relay === undefined) throw new Error("no relay");
      const asked = new Promise((resolve) => relay.onSignal(resolve));
      await client.signal(relayAddress(id), Uint8Array.of(1, 2));
      expect(await asked).toEqual({ from: own, blob: Uint8Array.of(1, 2) });
      const answered = new Promise((resolve) => client.onSignal(resolve));
      await relay.signal(own, Uint8Array.of(3));
      expect(await answered).toEqual({ from: relayAddress(id), blob: Uint8Array.of(3) });
    }
    const nobody = relayAddress((await freshKey()).id);
    await expect(client.signal(nobody, Uint8Array.of(1))).rejects.toMatchObject({ code: "unreachable" });

    // The first leads. Some relays lose it, and come back at the other, which takes the lead.
    const losing = Promise.race(relays.map(lost));
    await kill(first.child);
    await losing;
    await Promise.all(relays.map(joined));
    const late = await freshKey();
    peer(front.port, authority, late);
    await consensusWhere(watcher, lists([...keys, late]));
    expect(vanished).toEqual([]);

    // Redis forgets everything, and is back.
    await redis.kill();
    await redis.run();
    const third = await broker();
    const newcomer = peer(third.port, authority, "client");
    await consensusWhere(newcomer, lists([...keys, late]));
    expect(vanished).toEqual([]);
    // Also those who were subscribed before Redis went are again.
    const address = await joined(newcomer);
    for (const [i, { id }] of keys.entries()) {
      const asked = new Promise((resolve) => relays[i]?.onSignal(resolve));
      await newcomer.signal(relayAddress(id), Uint8Array.of(4));
      expect(await asked).toEqual({ from: address, blob: Uint8Array.of(4) });
    }
  },
  TIMEOUT,
);

it(
  "go on alone without Redis, each with all the relays that it knows, and say so",
  async () => {
    const [first, second] = [await broker(), await broker()];
    const { authority } = first;
    const [one, two] = await Promise.all([freshKey(), freshKey()]);
    peer(first.port, authority, one);
    peer(second.port, authority, two);
    const clients = [first, second].map(({ port }) => peer(port, authority, "client"));
    await Promise.all(clients.map((client) => consensusWhere(client, lists([one, two]))));
    await redis.kill();
    // Each has a newcomer of its own, and signs a consensus with it for its own peers.
    const late = await Promise.all([freshKey(), freshKey()]);
    [first, second].forEach(({ port }, i) => late[i] && peer(port, authority, late[i]));
    await Promise.all(
      clients.map((client, i) => late[i] && consensusWhere(client, lists([one, two, late[i]]))),
    );
    // And together, when it is back.
    await redis.run();
    await Promise.all(clients.map((client) => consensusWhere(client, lists([one, two, ...late]))));
  },
  TIMEOUT,
);

it(
  "do not start without it, and do not say its password",
  async () => {
    await redis.kill();
    const url = redis.url.replace("//", "//user:secret@");
    const options = ["--state", state, "--port", "0", "--redis", url];
    const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...options]);
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += data.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(1);
    expect(said).toContain(`Redis does not answer at ${redis.url}`);
    expect(said).not.toContain("secret");
  },
  TIMEOUT,
);

it(
  "have the relays of a single server back when it is killed and starts again, in its first consensus",
  async () => {
    const before = await broker([]);
    const key = await freshKey();
    const relay = peer(before.port, before.authority, key);
    await consensusWhere(relay, lists([key]));
    await kill(before.child);
    relay.close();
    const after = await broker([]);
    const client = peer(after.port, after.authority, "client");
    const first = await consensusWhere(client, () => true);
    expect(lists([key])(first)).toBe(true);
  },
  TIMEOUT,
);
