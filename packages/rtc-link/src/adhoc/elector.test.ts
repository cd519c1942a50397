import { randomBelow } from "@tabor/onion-core";
import { pickSeeds, VirtualClock, withSeed } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import { LOCAL, VirtualNetwork } from "../testing/virtual-hosts.ts";

/** The long form is 1000. */
const SEEDS = Number(process.env["TABOR_ADHOC_SEEDS"] ?? 200);
/** Virtual milliseconds in which hosts that reach each other become one network, and then stay it. */
const PEACE = 60_000;
const LASTS = 20_000;

function networkOf(seed: number, hosts: number, mayServe = hosts): VirtualNetwork {
  return new VirtualNetwork({ hosts, mayServe, seed, clock: new VirtualClock() });
}

async function expectOneNetwork(network: VirtualNetwork): Promise<void> {
  await network.clock.advance(PEACE);
  const [server, ...others] = network.serving;
  expect(others).toEqual([]);
  expect([...network.joined]).toEqual([server]);
  expect(server).toBeDefined();
  const joins = network.hosts.map((host) => host.joins);
  await network.clock.advance(LASTS);
  expect(network.hosts.map((host) => host.joins)).toEqual(joins);
}

/** What can go wrong, drawn at random; how many of each, too. */
async function trouble(network: VirtualNetwork): Promise<void> {
  const { random, hosts, clock } = network;
  for (let left = 2 + randomBelow(random, 6); left > 0; left--) {
    const host = hosts[randomBelow(random, hosts.length)];
    switch (randomBelow(random, 5)) {
      case 0:
        network.split(2 + randomBelow(random, 2));
        break;
      case 1:
        network.split(1);
        break;
      case 2:
        void host?.stop();
        break;
      case 3:
        host?.start();
        break;
      default:
        network.serving[0]?.killServer();
    }
    await clock.advance(randomBelow(random, 12_000));
  }
}

test(
  "a server whose host dies is replaced within 10 s on a local network",
  { timeout: 300_000 },
  async () => {
    for (const seed of pickSeeds(SEEDS, Math.random)) {
      const clock = new VirtualClock();
      const network = new VirtualNetwork({ hosts: 6, mayServe: 6, seed, clock, pace: LOCAL });
      for (const host of network.hosts) host.start();
      await clock.advance(PEACE);
      const [server] = network.serving;
      void server?.stop();
      await clock.advance(10_000);
      const [next] = network.joined;
      expect([...network.joined], withSeed("not one server", seed)).toEqual([next]);
      expect(next, withSeed("no server", seed)).toBeDefined();
      expect(next).not.toBe(server);
      await network.close();
    }
  },
);

describe("hosts that reach each other end as one network", () => {
  for (const seed of pickSeeds(5, Math.random)) {
    test(withSeed("when all start at once", seed), async () => {
      const network = networkOf(seed, 6);
      for (const host of network.hosts) host.start();
      await expectOneNetwork(network);
      await network.close();
    });
  }

  test("whatever dies, is cut off, or comes back", { timeout: 300_000 }, async () => {
    for (const seed of pickSeeds(SEEDS, Math.random)) {
      const network = networkOf(seed, 2 + (seed % 6), 2 + (seed % 3));
      for (const host of network.hosts) host.start();
      await trouble(network);
      network.split(1);
      for (const host of network.hosts) host.start();
      await expectOneNetwork(network).catch((cause: unknown) => {
        throw new Error(withSeed("not one network", seed), { cause });
      });
      await network.close();
    }
  });
});
