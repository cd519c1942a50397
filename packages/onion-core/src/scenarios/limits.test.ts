import { afterEach, describe, expect, it } from "vitest";
import { content, linkDeps, rawCircuit, rawLink, startNetwork, unheardFailures } from "./support.ts";
import type { RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import type { RelayLimits } from "../relay/onion-relay.ts";
import type { Duplex } from "../stream/duplex.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
const PIECE = content(1, 16_384);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

/** Sends for as long as it is read. */
const pours = (connection: Duplex): void => {
  const pour = async (): Promise<void> => {
    for (;;) await connection.write(PIECE);
  };
  void pour().catch(() => undefined);
};
/** Reads all that comes. */
const takes = (connection: Duplex): void => {
  const take = async (): Promise<void> => {
    while ((await connection.read()) !== null);
  };
  void take().catch(() => undefined);
};

/** A network of which the one middle relay has limits. */
async function scene(limits: RelayLimits) {
  const world = await startNetwork(
    seed,
    {
      middles: 0,
      others: [{ flags: ["Fast", "Stable"], limits }],
      sites: { "pours.test": pours, "takes.test": takes },
    },
    { channels: () => ({ latency: () => 5 }) },
  );
  const { network, clock, random } = world;
  const entry = network.entries.find(({ flags }) => !flags.has("Guard") && !flags.has("Exit"));
  const id = entry?.descriptor.identity as RelayId;
  const relay = network.relays.get(id)?.relay;
  if (relay === undefined) throw new Error("no middle");
  const connect = () => clock.until(rawLink(network, id, linkDeps(clock, random)));
  return { ...world, id, relay, connect };
}

const download = async (stream: Duplex): Promise<void> => {
  while ((await stream.read()) !== null);
};
const upload = async (stream: Duplex): Promise<void> => {
  for (;;) await stream.write(PIECE);
};

describe(withSeed("a relay's limits", seed), () => {
  const cases: readonly [string, RelayLimits, "up" | "down", number][] = [
    ["of what it sends", { sendRate: 100_000 }, "down", 1],
    ["of what it sends, with many circuits", { sendRate: 200_000 }, "down", 8],
    ["of what it receives, with many circuits", { receiveRate: 200_000 }, "down", 8],
    ["of what it receives, upwards", { receiveRate: 100_000 }, "up", 2],
    ["of both", { sendRate: 150_000, receiveRate: 150_000 }, "down", 2],
  ];
  for (const [name, limits, direction, circuits] of cases)
    it(`hold within 5 %: ${name}`, async () => {
      const { network, clock, relay } = await scene(limits);
      const client = network.client();
      for (let i = 0; i < circuits; i++) {
        const host = direction === "down" ? "pours.test" : "takes.test";
        const stream = await clock.until(client.openStream({ host, port: 80 }, { isolation: String(i) }));
        const use = direction === "down" ? download(stream) : upload(stream);
        use.catch(() => undefined);
      }
      await clock.advance(60_000);
      const before = relay.stats;
      await clock.advance(60_000);
      const { bytesIn, bytesOut } = relay.stats;
      const { sendRate = Infinity, receiveRate = Infinity } = limits;
      const out = (bytesOut - before.bytesOut) / 60;
      expect(out / Math.min(sendRate, receiveRate)).toBeGreaterThan(0.95);
      expect(out / sendRate).toBeLessThan(1.05);
      // It may be less: queues that slow start has filled shrink for minutes.
      expect((bytesIn - before.bytesIn) / 60 / receiveRate).toBeLessThan(1.05);
      client.close();
      await clock.settle();
    });

  it("hold within 5 % for what goes from an exit to sites too", async () => {
    const rate = 100_000;
    const sites = { "takes.test": takes };
    const { network, clock } = await startNetwork(
      seed,
      { exits: 0, others: [{ flags: ["Exit", "Fast", "Stable"], sites, limits: { receiveRate: rate } }] },
      { channels: () => ({ latency: () => 5 }) },
    );
    const client = network.client();
    const stream = await clock.until(client.openStream({ host: "takes.test", port: 80 }, { isolation: "a" }));
    upload(stream).catch(() => undefined);
    await clock.advance(60_000);
    const exit = network.entries.find(({ flags }) => flags.has("Exit"))?.descriptor.identity as RelayId;
    const received = (): number => network.relays.get(exit)?.relay.stats.bytesIn ?? 0;
    const before = received();
    await clock.advance(60_000);
    expect((received() - before) / 60 / rate).toBeGreaterThan(0.95);
    expect((received() - before) / 60 / rate).toBeLessThan(1.05);
    client.close();
    await clock.settle();
  });

  it("of data count what goes between an exit and sites", async () => {
    const length = 1_000_000;
    const sites = {
      "gives.test": (connection: Duplex) => {
        void connection.write(content(2, length)).then(() => {
          connection.end();
        });
      },
    };
    const plan = { flags: ["Exit", "Fast", "Stable"] as const, sites };
    const { network, clock } = await startNetwork(seed, { exits: 0, others: [plan] });
    const client = network.client();
    const stream = await clock.until(client.openStream({ host: "gives.test", port: 80 }, { isolation: "a" }));
    await clock.until(download(stream));
    const id = network.entries.find(({ flags }) => flags.has("Exit"))?.descriptor.identity as RelayId;
    const relay = network.relays.get(id)?.relay;
    const { bytesIn = 0, bytesOut = 0 } = relay?.stats ?? {};
    expect((relay?.dataUsed.bytesOfDay ?? 0) - bytesIn - bytesOut).toBe(length);
    client.close();
  });

  it("of circuits: who asks for one more is told that it has enough to do", async () => {
    const { network, clock, relay, id, connect } = await scene({ maxCircuits: 3 });
    const link = await connect();
    const before = relay.stats.circuits;
    const ends = await clock.until(
      Promise.all(Array.from({ length: 3 - before }, () => rawCircuit(network, link, id))),
    );
    const refused = link.openCircuit({
      relay: () => undefined,
      created: () => expect.unreachable(),
      destroyed: (reason) => reasons.push(reason),
      linkClosed: () => undefined,
    });
    const reasons: string[] = [];
    refused.send("CREATE2", new Uint8Array([0, 0, 0, 0]));
    await clock.advance(50);
    expect(reasons).toEqual(["resource-limit"]);
    expect(relay.stats).toMatchObject({ circuits: 3, circuitsRefused: 1 });
    ends[0]?.circuit.destroy("none");
    await clock.advance(50);
    await clock.until(rawCircuit(network, link, id));
  });

  it("of data: no new circuits when it is nearly used up, none at all when it is, all again on the next day", async () => {
    const perDay = 20_000_000;
    const { network, clock, relay, id, connect } = await scene({ perDay, sendRate: 400_000 });
    const client = network.client();
    const stream = await clock.until(client.openStream({ host: "pours.test", port: 80 }, { isolation: "a" }));
    const ended = download(stream).then(
      () => "ended",
      (thrown: unknown) => (thrown instanceof TaborError ? thrown.where : "unknown"),
    );
    const link = await connect();
    while (relay.allowance === "free") await clock.advance(100);
    const reasons: string[] = [];
    const asked = link.openCircuit({
      relay: () => undefined,
      created: () => expect.unreachable(),
      destroyed: (reason) => reasons.push(reason),
      linkClosed: () => undefined,
    });
    asked.send("CREATE2", new Uint8Array([0, 0, 0, 0]));
    await clock.advance(50);
    expect(reasons).toEqual(["hibernating"]);
    expect(relay.stats.circuits).toBeGreaterThan(0);
    expect(await clock.until(ended)).toBe("relay");
    expect(relay.stats.circuits).toBe(0);
    const { bytesOfDay } = relay.dataUsed;
    expect(bytesOfDay / perDay).toBeGreaterThanOrEqual(1);
    await clock.advance(60_000);
    expect(relay.dataUsed.bytesOfDay / perDay).toBeLessThan(1.05);
    client.close();
    await clock.advance(86_400_000);
    expect(relay.allowance).toBe("free");
    await clock.until(rawCircuit(network, await connect(), id));
  });

  it("of its owner's time: a relay that drains keeps its circuits and takes no more", async () => {
    const { network, clock, relay, id, connect } = await scene({});
    const link = await connect();
    const end = await clock.until(rawCircuit(network, link, id));
    relay.drain();
    const reasons: string[] = [];
    link
      .openCircuit({
        relay: () => undefined,
        created: () => expect.unreachable(),
        destroyed: (reason) => reasons.push(reason),
        linkClosed: () => undefined,
      })
      .send("CREATE2", new Uint8Array([0, 0, 0, 0]));
    await clock.advance(50);
    expect(reasons).toEqual(["hibernating"]);
    expect(end.destroyed).toBeUndefined();
  });
});
