import { expect, it } from "vitest";
import { failure, linkDeps, startNetwork } from "./support.ts";
import { nodePrimitives } from "./node-aead.ts";
import { probeRelay } from "../client/probe-relay.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);

async function scene() {
  const { clock, network, random } = await startNetwork(seed);
  const [relay, next] = network.entries as [RelayEntry, RelayEntry];
  const { identity } = relay.descriptor;
  const own = network.relays.get(identity)?.relay;
  if (own === undefined) throw new Error("no such relay");
  const deps = { ...linkDeps(clock, random), primitives: nodePrimitives };
  const dialer = { dial: () => Promise.resolve(network.channelTo(identity)) };
  const probe = () => clock.until(probeRelay({ relay, next, dialer, deps }));
  return { clock, network, own, next, probe };
}

it(withSeed("a relay that works is seen to, and a dozen cells travel each way of it", seed), async () => {
  const { clock, own, probe } = await scene();
  const before = own.stats;
  expect(await probe()).toEqual({ linkMs: 0, circuitMs: expect.any(Number) as number });
  await clock.advance(100);
  const { circuits, circuitsTotal, cellsIn, cellsOut, clientLinks } = own.stats;
  expect({ circuits, clientLinks, added: circuitsTotal - before.circuitsTotal }).toEqual({
    ...{ circuits: before.circuits, clientLinks: before.clientLinks, added: 1 },
  });
  expect(cellsIn - before.cellsIn).toBeGreaterThanOrEqual(12);
  expect(cellsOut - before.cellsOut).toBeGreaterThanOrEqual(12);
});

it("one that takes no circuits fails, and so does one without its neighbour", async () => {
  const refusing = await scene();
  refusing.own.drain();
  expect((await failure(refusing.probe())).where).toBe("relay");
  const alone = await scene();
  alone.network.kill(alone.next.descriptor.identity);
  await alone.clock.advance(100);
  expect((await failure(alone.probe())).where).toBe("relay");
});
