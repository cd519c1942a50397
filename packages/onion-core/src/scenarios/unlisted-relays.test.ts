import { expect, it } from "vitest";
import { roundTrip, startNetwork } from "./support.ts";
import { memoryGuardStore } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const echo = { host: "echo.test", port: 80 };

it(
  withSeed(
    "a circuit through a relay that is no longer listed takes no new streams; its running ones go on",
    seed,
  ),
  async () => {
    const { clock, network } = await startNetwork(seed, { middles: 2 });
    const client = network.client();
    const first = await clock.until(client.openStream(echo, { isolation: "a" }));
    const middle = first.circuit.hops[1]?.relay;
    await network.publish(network.entries.filter(({ descriptor }) => descriptor.identity !== middle));
    const second = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(second.circuit.hops.map(({ relay }) => relay)).not.toContain(middle);
    await clock.until(roundTrip(first, new Uint8Array(5000).fill(1)));
    client.close();
  },
);

it(withSeed("a guard that is not listed for a while is our guard again afterwards", seed), async () => {
  const { clock, network } = await startNetwork(seed, { guards: 2 });
  const store = memoryGuardStore();
  const client = network.client({ guards: store });
  const first = await clock.until(client.openStream(echo, { isolation: "a" }));
  const guard = first.circuit.hops[0]?.relay;
  client.close();
  await network.publish(network.entries.filter(({ descriptor }) => descriptor.identity !== guard));
  const meanwhile = network.client({ guards: store });
  const second = await clock.until(meanwhile.openStream(echo, { isolation: "a" }));
  expect(second.circuit.hops[0]?.relay).not.toBe(guard);
  meanwhile.close();
  await clock.advance(1);
  await network.publish(network.entries);
  const later = network.client({ guards: store });
  const third = await clock.until(later.openStream(echo, { isolation: "a" }));
  expect(third.circuit.hops[0]?.relay).toBe(guard);
  later.close();
});
