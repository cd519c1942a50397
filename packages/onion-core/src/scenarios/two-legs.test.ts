import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  content,
  jitteryAead,
  linkDeps,
  rawCircuit,
  rawLink,
  roundTrip,
  startNetwork,
  unheardFailures,
  type RawEnd,
} from "./support.ts";
import { nodeAead } from "./node-aead.ts";
import { MAX_STREAM_DATA, type RelayMessage, type StreamId } from "../cell/relay-message.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import type { CircuitInfo } from "../client/circuit-info.ts";
import { PRIMARY_GUARDS } from "../client/guards/parameters.ts";
import type { ClientStream, OnionClient } from "../client/onion-client.ts";
import type { RelayId } from "../crypto/ids.ts";
import { randomBelow } from "../ports/random.ts";
import type { MemoryNetwork } from "../testing/memory-network.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
const echo = { host: "echo.test", port: 80 };
/** An idle machine needs a twentieth of it. */
const PATIENCE_MS = 120_000;
const ROOM = { guards: 3, middles: 3, exits: 2 };

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

function paths({ hops, secondLeg = [] }: CircuitInfo): readonly [RelayId[], RelayId[]] {
  return [hops.map(({ relay }) => relay), secondLeg.map(({ relay }) => relay)];
}

/** A network whose links are each as long as chance has it, so that the legs of a set differ. */
function uneven(oneSeed: number, longest: number) {
  const random = new SeededRandom(oneSeed);
  const channels = () => {
    const base = randomBelow(random, longest);
    return { latency: () => base + randomBelow(random, 8) };
  };
  return { random, channels };
}

describe("circuits of two legs", { timeout: PATIENCE_MS }, () => {
  it("share their exit and nothing else, and carry streams", async () => {
    const { clock, network } = await startNetwork(seed, ROOM, { channels: { latency: () => 10 } });
    const client = network.client({ twoLegs: true });
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    const [first, second] = paths(stream.circuit);
    expect(second).toHaveLength(3);
    expect(second[2]).toBe(first[2]);
    expect(new Set([...first, ...second]).size).toBe(5);
    const sent = content(1, 1_500_000);
    expect(Buffer.compare(await clock.until(roundTrip(stream, sent)), sent)).toBe(0);
  });

  it("use the primary guards and no others", async () => {
    const { clock, network } = await startNetwork(seed, { ...ROOM, guards: 8 });
    const client = network.client({ twoLegs: true });
    const guards = new Set<RelayId | undefined>();
    for (let i = 0; i < 6; i++) {
      const stream = await clock.until(client.openStream(echo, { isolation: String(i) }));
      for (const path of paths(stream.circuit)) guards.add(path[0]);
    }
    // The third where the second is the middle of the first leg.
    expect(guards.size).toBeGreaterThanOrEqual(2);
    expect(guards.size).toBeLessThanOrEqual(PRIMARY_GUARDS);
  });

  it("have one where there is no second guard", async () => {
    const { clock, network } = await startNetwork(seed, { middles: 3 });
    const stream = await clock.until(network.client({ twoLegs: true }).openStream(echo, { isolation: "a" }));
    expect(stream.circuit.secondLeg).toBeUndefined();
    expect(await clock.until(roundTrip(stream, content(1, 50_000)))).toEqual(content(1, 50_000));
  });

  it("end with the client, and leave nothing in the exit", async () => {
    const { clock, network } = await startNetwork(seed, ROOM);
    const client = network.client({ twoLegs: true });
    await clock.until(client.openStream(echo, { isolation: "a" }));
    client.close();
    await clock.advance(30_000);
    for (const { relay } of network.relays.values()) {
      expect(relay.stats.circuits).toBe(0);
      expect(relay.memory.held).toBe(0);
    }
  });
});

describe("streams over circuits of two legs", { timeout: PATIENCE_MS }, () => {
  for (const oneSeed of pickSeeds(2, Math.random))
    it(
      withSeed("never exchange a byte, whatever the order in which ciphers and links finish", oneSeed),
      async () => {
        const { random, channels } = uneven(oneSeed, 40);
        const { clock, network } = await startNetwork(oneSeed, ROOM, {
          channels,
          aead: (own) => jitteryAead(nodeAead, own, random.fork()),
        });
        const clients = [network.client({ twoLegs: true }), network.client({ twoLegs: true })];
        const jobs = clients.flatMap((client, c) =>
          [0, 1, 2, 3, 4, 5].map(async (job) => {
            const stream = await client.openStream(echo, { isolation: String(job % 2) });
            expect(stream.circuit.secondLeg).toBeDefined();
            const sent = content(100 * c + job, 1 + randomBelow(random, 150_000));
            return Buffer.compare(await roundTrip(stream, sent), sent);
          }),
        );
        expect(await clock.until(Promise.all(jobs))).toEqual(jobs.map(() => 0));
      },
    );

  for (const oneSeed of pickSeeds(4, Math.random))
    it(withSeed("lose and repeat no byte when a leg dies, wherever and whenever", oneSeed), async () => {
      const { random, channels } = uneven(oneSeed, 30);
      const { clock, network } = await startNetwork(oneSeed, ROOM, { channels });
      const client = network.client({ twoLegs: true });
      const streams = await clock.until(opened(client, 3));
      const victim = relayOfALeg(streams[0], random);
      clock.after(randomBelow(random, 300), () => {
        network.kill(victim);
      });
      const jobs = streams.map(async (stream, job) => {
        const sent = content(job, 200_000 + randomBelow(random, 200_000));
        return Buffer.compare(await roundTrip(stream, sent), sent);
      });
      expect(await clock.until(Promise.all(jobs))).toEqual(jobs.map(() => 0));
    });

  it("lose no byte when a relay falls silent in mid-transfer and ends nothing", async () => {
    const silent = new Set<RelayId | "client">();
    const { clock, network } = await startNetwork(seed, ROOM, {
      channels: (from, to) => ({
        latency: () => 10,
        tamper: (message) => (silent.has(from) && silent.has(to) ? null : message),
      }),
    });
    const [stream] = await clock.until(opened(network.client({ twoLegs: true }), 1));
    if (stream === undefined) throw new Error("no stream");
    const sent = content(1, 2_000_000);
    const received = roundTrip(stream, sent);
    await clock.advance(150);
    for (const relay of paths(stream.circuit)[1].slice(0, 2)) silent.add(relay);
    expect(Buffer.compare(await clock.until(received), sent)).toBe(0);
  });

  it("arrive whole over legs of which one is two hundred times longer", async () => {
    const guards: RelayId[] = [];
    const { clock, network } = await startNetwork(seed, ROOM, {
      channels: (from, to) => {
        if (from !== "client") return { latency: () => 1 };
        if (!guards.includes(to)) guards.push(to);
        const ms = guards.indexOf(to) === 0 ? 2 : 400;
        return { latency: () => ms };
      },
    });
    const [stream] = await clock.until(opened(network.client({ twoLegs: true }), 1));
    if (stream === undefined) throw new Error("no stream");
    expect(stream.circuit.secondLeg).toBeDefined();
    const sent = content(1, 3_000_000);
    expect(Buffer.compare(await clock.until(roundTrip(stream, sent)), sent)).toBe(0);
  });

  it("get another circuit after ten minutes; the old one ends with both legs when its last stream has ended", async () => {
    const { clock, network } = await startNetwork(seed, ROOM);
    const client = network.client({ twoLegs: true });
    const [first] = await clock.until(opened(client, 1));
    await clock.advance(600_000);
    const [second] = await clock.until(opened(client, 1));
    if (first === undefined || second === undefined) throw new Error("no stream");
    expect(second.circuit.id).not.toBe(first.circuit.id);
    expect(await clock.until(roundTrip(first, content(1, 50_000)))).toEqual(content(1, 50_000));
    await clock.advance(30_000);
    expect(first.circuit.state.name).toBe("closed");
  });

  it(withSeed("go on when the client's own link to one guard breaks", seed), async () => {
    const { clock, network } = await startNetwork(seed, ROOM, { channels: { latency: () => 20 } });
    const [stream] = await clock.until(opened(network.client({ twoLegs: true }), 1));
    if (stream === undefined) throw new Error("no stream");
    const sent = content(1, 1_000_000);
    const received = roundTrip(stream, sent);
    await clock.advance(200);
    const guard = paths(stream.circuit)[1][0];
    for (const { from, to, channel } of network.channels)
      if (from === "client" && to === guard) channel.cut("gone");
    expect(Buffer.compare(await clock.until(received), sent)).toBe(0);
    expect(stream.circuit.state.name).toBe("open");
  });
});

async function opened(client: OnionClient, count: number): Promise<ClientStream[]> {
  const streams: ClientStream[] = [];
  for (let i = 0; i < count; i++) streams.push(await client.openStream(echo, { isolation: "a" }));
  return streams;
}

/** A guard or a middle. */
function relayOfALeg(stream: ClientStream | undefined, random: SeededRandom): RelayId {
  if (stream === undefined) throw new Error("no stream");
  const [first, second] = paths(stream.circuit);
  const inner = [...first.slice(0, 2), ...second.slice(0, 2)];
  const victim = inner[randomBelow(random, inner.length)];
  if (victim === undefined) throw new Error("no second leg");
  return victim;
}

const nonce = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const link = (fill: number): RelayMessage => ({
  command: "CONFLUX_LINK",
  ...{ nonce: nonce(fill), lastSent: 0, lastReceived: 0 },
});
const id = (number: number): StreamId => number as StreamId;
const begin: RelayMessage & { command: "BEGIN" } = {
  command: "BEGIN",
  streamId: id(1),
  target: echo,
  preference: ANY_ADDRESS,
};
const SWITCH: RelayMessage = { command: "CONFLUX_SWITCH", relative: 1 };
const full: RelayMessage = { command: "DATA", streamId: id(1), data: content(1, MAX_STREAM_DATA) };

/** An exit, an honest client's set there, and circuits to it for a hostile one, each over a link of its own. */
async function scene(maxQueueMemory?: number) {
  const { clock, network, random } = await startNetwork(
    seed,
    { ...ROOM, exits: 1 },
    maxQueueMemory === undefined ? {} : { maxQueueMemory },
  );
  const exit = exitOf(network);
  const circuit = async (): Promise<RawEnd> => {
    const channel = await clock.until(rawLink(network, exit, linkDeps(clock, random)));
    return clock.until(rawCircuit(network, channel, exit));
  };
  const client = network.client({ twoLegs: true });
  const honest = await clock.until(client.openStream(echo, { isolation: "a" }));
  expect(honest.circuit.secondLeg).toBeDefined();
  const circuits = async () => [await circuit(), await circuit(), await circuit()] as const;
  const held = (): number => network.relays.get(exit)?.relay.memory.held ?? 0;
  const isUnharmed = async (): Promise<boolean> => {
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    const isSame = stream.circuit.id === honest.circuit.id;
    const sent = content(1, 100_000);
    return isSame && Buffer.compare(await clock.until(roundTrip(stream, sent)), sent) === 0;
  };
  return { clock, circuits, held, isUnharmed };
}

function exitOf(network: MemoryNetwork): RelayId {
  const entry = network.entries.find(({ flags }) => flags.has("Exit"));
  if (entry === undefined) throw new Error("no exit");
  return entry.descriptor.identity;
}

/** What is said in turn, each on one of three circuits, and how many of them it costs. */
type Misdeed = readonly [string, number, readonly (readonly [0 | 1 | 2, RelayMessage])[]];
const extend: RelayMessage = {
  command: "EXTEND2",
  ...{ identity: nonce(9), htype: 3, hdata: new Uint8Array(100) },
};
const again: RelayMessage = {
  command: "CONFLUX_LINK",
  ...{ nonce: nonce(1), lastSent: 1, lastReceived: 0 },
};
const LINKED = [
  [0, link(1)],
  [1, link(1)],
] as const;
const MISDEEDS: readonly Misdeed[] = [
  [
    "a stream before both legs are linked",
    1,
    [
      [0, link(1)],
      [0, begin],
    ],
  ],
  [
    "a leg after a stream",
    1,
    [
      [0, begin],
      [0, link(1)],
    ],
  ],
  ["a leg that is not new", 1, [[0, again]]],
  ["SWITCH where there is no set", 1, [[0, SWITCH]]],
  ["LINKED_ACK where there is no set", 1, [[0, { command: "CONFLUX_LINKED_ACK" }]]],
  [
    "EXTEND2 on a leg",
    1,
    [
      [0, link(1)],
      [0, extend],
    ],
  ],
  ["another nonce on a leg", 2, [...LINKED, [1, link(2)]]],
  ["a third leg", 3, [...LINKED, [2, link(1)]]],
  ["a leg given up, then a third", 3, [...LINKED, [1, link(1)], [2, link(1)]]],
  ["a leg given up, then the other", 2, [...LINKED, [1, link(1)], [1, link(1)]]],
  ["SWITCH after SWITCH", 2, [...LINKED, [0, SWITCH], [0, SWITCH]]],
  ["SWITCH where one leg is left", 2, [...LINKED, [1, link(1)], [1, SWITCH]]],
  ["a message for the second time", 2, [...LINKED, [0, begin], [1, { ...begin, streamId: id(2) }]]],
];

describe("a hostile client loses its own legs, and no other its", { timeout: PATIENCE_MS }, () => {
  const shared: { scene?: Awaited<ReturnType<typeof scene>> } = {};
  beforeAll(async () => {
    shared.scene = await scene();
  }, PATIENCE_MS);

  it.each(MISDEEDS)("with %s", async (_name, used, said) => {
    if (shared.scene === undefined) throw new Error("no scene");
    const { clock, circuits, held, isUnharmed } = shared.scene;
    const three = await circuits();
    const before = held();
    for (const [leg, message] of said) {
      three[leg].say(message);
      await clock.advance(10);
    }
    expect(three.map(({ destroyed }) => destroyed !== undefined)).toEqual([0, 1, 2].map((i) => i < used));
    expect(held()).toBeLessThan(before);
    expect(await isUnharmed()).toBe(true);
  });

  it("with a gap that it never fills, in the memory that all circuits share", async () => {
    const { clock, circuits, held, isUnharmed } = await scene(4 * 2 ** 20);
    const [a, b] = await circuits();
    for (const leg of [a, b]) leg.say(link(1));
    await clock.advance(10);
    a.say(SWITCH);
    for (let i = 0; i < 4000 && a.destroyed === undefined; i++) {
      a.say(full);
      if (i % 100 === 0) await clock.advance(1);
    }
    await clock.advance(100);
    expect([a.destroyed, b.destroyed]).toEqual(["resource-limit", "resource-limit"]);
    expect(held()).toBeLessThan(2 ** 20);
    expect(await isUnharmed()).toBe(true);
  });

  it("whose legs are no exit's", async () => {
    const { clock, network, random } = await startNetwork(seed, ROOM);
    const middle = network.entries.find(({ flags }) => !flags.has("Exit"))?.descriptor.identity;
    if (middle === undefined) throw new Error("no middle");
    const channel = await clock.until(rawLink(network, middle, linkDeps(clock, random)));
    const end = await clock.until(rawCircuit(network, channel, middle));
    end.say(link(1));
    await clock.settle();
    expect(end.destroyed).toBe("protocol");
  });
});
